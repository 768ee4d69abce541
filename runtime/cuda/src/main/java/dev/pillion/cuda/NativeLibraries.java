package dev.pillion.cuda;

import dev.pillion.bindings.cuda.CudaDriver;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/**
 * The libraries that this process has loaded. A library is loaded once: method handles bound to it are static, and a second
 * file of the same library beside the first would mean two drivers in one process. So the first search that finds one
 * decides for all engines; a search that found nothing may be repeated.
 */
final class NativeLibraries {
    private static final System.Logger LOG = System.getLogger(NativeLibraries.class.getName());
    private static final Map<NvidiaLibrary, LibrarySearch.Result> LOADED = new EnumMap<>(NvidiaLibrary.class);

    private NativeLibraries() {}

    /**
     * Finds and loads a library, unless that has been done.
     *
     * @param named folder to look into first
     * @param cudaMajor major version of CUDA that the driver is for
     */
    static synchronized LibrarySearch.Result load(
            NvidiaLibrary library, Machine machine, Optional<Path> named, int cudaMajor) {
        LibrarySearch.Result known = LOADED.get(library);
        if (known != null) {
            return known;
        }
        LibrarySearch search = new LibrarySearch(machine, named, NativeLibraries::load);
        LibrarySearch.Result result = search.find(library, cudaMajor);
        log(library, result);
        if (result.mapped().isPresent()) {
            LOADED.put(library, result);
        }
        return result;
    }

    /** Loads into this class's loader, which the bindings look through too if it is theirs. */
    private static void load(Path file) {
        if (CudaDriver.class.getClassLoader() != NativeLibraries.class.getClassLoader()) {
            throw new UnsatisfiedLinkError(
                    "dev.pillion.bindings and dev.pillion.cuda are in different class loaders; put them into one");
        }
        System.load(file.toString());
    }

    private static void log(NvidiaLibrary library, LibrarySearch.Result result) {
        for (LibrarySearch.Attempt attempt : result.attempts()) {
            LOG.log(
                    System.Logger.Level.DEBUG,
                    () -> library.title() + ": " + attempt.file() + ": " + attempt.outcome());
        }
    }
}
