package dev.pillion.cuda;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Looks for one of the vendor's libraries and loads the first file that can be loaded: every name in its order, and each
 * name in every place. Nothing native is called before a file is found.
 */
final class LibrarySearch {
    private final Machine machine;
    private final Optional<Path> named;
    private final Loader loader;

    /** Loads a file into the process; fails as {@link System#load} does. */
    interface Loader {
        void load(Path file);
    }

    /**
     * A file that was considered.
     *
     * @param file where it would be
     * @param loaded whether it was loaded
     * @param outcome what became of it
     */
    record Attempt(Path file, boolean loaded, String outcome) {
        static Attempt failed(Path file, String outcome) {
            return new Attempt(file, false, outcome);
        }
    }

    /**
     * What the search came to.
     *
     * @param mapped the file that the process has mapped; empty if none could be loaded
     * @param reason one line: what is missing, where it was looked for, what to do; or which file it is
     * @param attempts every candidate in the order of the search
     */
    record Result(Optional<Path> mapped, String reason, List<Attempt> attempts) {
        /** The attempts, one on a line. */
        String trace() {
            return attempts.stream()
                    .map(attempt -> attempt.file() + ": " + attempt.outcome())
                    .collect(Collectors.joining("\n"));
        }
    }

    LibrarySearch(Machine machine, Optional<Path> named, Loader loader) {
        this.machine = machine;
        this.named = named;
        this.loader = loader;
    }

    /**
     * Searches and loads.
     *
     * @param cudaMajor major version of CUDA that the driver is for; files that need a newer one are left alone
     */
    Result find(NvidiaLibrary library, int cudaMajor) {
        List<NvidiaLibrary.FileName> names = library.files(machine.platform());
        if (names.isEmpty()) {
            return new Result(Optional.empty(), "there is no NVIDIA driver for this operating system", List.of());
        }
        List<Path> places = LibraryPlaces.of(library, machine, named);
        List<Attempt> attempts = new ArrayList<>();
        for (NvidiaLibrary.FileName name : names) {
            for (Path place : places) {
                Attempt attempt = attempt(place.resolve(name.name()).toAbsolutePath(), name.cudaMajor(), cudaMajor);
                attempts.add(attempt);
                if (attempt.loaded()) {
                    Path mapped = MappedFiles.of(attempt.file(), machine.at("proc/self/maps"));
                    return new Result(Optional.of(mapped), mapped.toString(), List.copyOf(attempts));
                }
            }
        }
        return new Result(Optional.empty(), reason(library, names, places, attempts), List.copyOf(attempts));
    }

    private Attempt attempt(Path file, int neededMajor, int cudaMajor) {
        if (!Files.exists(file)) {
            return Attempt.failed(file, Files.isDirectory(file.getParent()) ? "not there" : "no such folder");
        }
        if (neededMajor > cudaMajor) {
            return Attempt.failed(file, "needs a driver for CUDA " + neededMajor + ", this one is for " + cudaMajor);
        }
        try {
            loader.load(file);
            return new Attempt(file, true, "loaded");
        } catch (UnsatisfiedLinkError e) {
            return Attempt.failed(file, "cannot be loaded: " + String.valueOf(e.getMessage()).strip());
        } catch (IllegalCallerException e) {
            return Attempt.failed(file, NativeAccess.DENIED);
        }
    }

    private static String reason(
            NvidiaLibrary library, List<NvidiaLibrary.FileName> names, List<Path> places, List<Attempt> attempts) {
        List<Attempt> present = attempts.stream()
                .filter(attempt -> Files.exists(attempt.file()))
                .toList();
        if (!present.isEmpty()) {
            return present.stream()
                    .map(attempt -> attempt.file() + ": " + attempt.outcome())
                    .distinct()
                    .collect(Collectors.joining("; "));
        }
        String files = names.stream().map(NvidiaLibrary.FileName::name).collect(Collectors.joining(" or "));
        String folders =
                places.stream().filter(Files::isDirectory).map(Path::toString).collect(Collectors.joining(", "));
        return "no " + files + " in " + (folders.isEmpty() ? "any of " + places.size() + " places" : folders)
                + "; install the " + (library.comesWithDriver() ? "NVIDIA driver" : library.title())
                + " or give --cuda-library-path";
    }
}
