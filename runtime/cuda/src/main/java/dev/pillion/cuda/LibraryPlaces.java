package dev.pillion.cuda;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where a library may lie, in the order the places are searched: the folder the user named, the loader's own path, the
 * system's folders, toolkits, Python packages. Pip's {@code nvidia-cublas} brings cuBLASLt to machines that have no toolkit.
 * Of toolkits and Pythons side by side the newest goes first. A folder reached by two ways counts once.
 */
final class LibraryPlaces {
    /** Where Python packages of CUDA 13 and of CUDA 12 keep cuBLASLt, below {@code site-packages}. */
    private static final List<String> PACKAGES_LINUX = List.of("nvidia/cu13/lib", "nvidia/cublas/lib");

    private static final List<String> PACKAGES_WINDOWS = List.of("nvidia/cu13/bin/x86_64", "nvidia/cublas/bin");

    private final Machine machine;
    private final Map<Path, Path> byRealPath = new LinkedHashMap<>();

    private LibraryPlaces(Machine machine) {
        this.machine = machine;
    }

    /** The places for a library; {@code named} goes first. */
    static List<Path> of(NvidiaLibrary library, Machine machine, Optional<Path> named) {
        LibraryPlaces places = new LibraryPlaces(machine);
        named.ifPresent(places::add);
        switch (machine.platform()) {
            case LINUX -> places.linux(library);
            case WINDOWS -> places.windows(library);
            case OTHER -> {}
        }
        return List.copyOf(places.byRealPath.values());
    }

    private void linux(NvidiaLibrary library) {
        machine.folders("LD_LIBRARY_PATH").forEach(this::add);
        LinkerFolders.of(machine.root()).forEach(this::add);
        add(machine.at("usr/lib/" + machine.multiarch()));
        add(machine.at("usr/lib64"));
        add(machine.at("usr/lib"));
        add(machine.at("usr/lib/wsl/lib"));
        add(machine.at("usr/local/nvidia/lib64"));
        add(machine.at("run/opengl-driver/lib"));
        if (library.comesWithDriver()) {
            return;
        }
        machine.folders("CUDA_HOME").forEach(folder -> add(folder.resolve("lib64")));
        machine.folders("CUDA_PATH").forEach(folder -> add(folder.resolve("lib64")));
        children(machine.at("usr/local"), "cuda*").forEach(folder -> add(folder.resolve("lib64")));
        machine.folders("CONDA_PREFIX").forEach(folder -> add(folder.resolve("lib")));
        pythons().forEach(this::packages);
    }

    /** Prefixes below which {@code lib/python3.x} may hold packages. */
    private List<Path> pythons() {
        List<Path> prefixes = new ArrayList<>(machine.folders("VIRTUAL_ENV"));
        prefixes.addAll(machine.folders("CONDA_PREFIX"));
        for (Path folder : machine.folders("PATH")) {
            if (Files.exists(folder.resolve("python3")) && folder.getParent() != null) {
                prefixes.add(folder.getParent());
            }
        }
        prefixes.add(machine.home().resolve(".local"));
        prefixes.add(machine.at("usr/local"));
        prefixes.add(machine.at("usr"));
        return prefixes;
    }

    private void packages(Path prefix) {
        for (Path python : children(prefix.resolve("lib"), "python3*")) {
            for (String packages : List.of("site-packages", "dist-packages")) {
                Path folder = python.resolve(packages);
                if (Files.isDirectory(folder)) {
                    PACKAGES_LINUX.forEach(name -> add(folder.resolve(name)));
                }
            }
        }
    }

    private void windows(NvidiaLibrary library) {
        machine.folders("SystemRoot").forEach(folder -> add(folder.resolve("System32")));
        machine.folders("PATH").forEach(this::add);
        if (library.comesWithDriver()) {
            return;
        }
        for (Path toolkit : machine.folders("CUDA_PATH")) {
            add(toolkit.resolve("bin").resolve("x64"));
            add(toolkit.resolve("bin"));
        }
        List<Path> prefixes = new ArrayList<>(machine.folders("VIRTUAL_ENV"));
        prefixes.addAll(machine.folders("CONDA_PREFIX"));
        for (Path prefix : prefixes) {
            Path folder = prefix.resolve("Lib").resolve("site-packages");
            PACKAGES_WINDOWS.forEach(name -> add(folder.resolve(name)));
        }
    }

    private void add(Path folder) {
        byRealPath.putIfAbsent(realPath(folder), folder);
    }

    private static Path realPath(Path folder) {
        try {
            return folder.toRealPath();
        } catch (IOException e) {
            return folder.toAbsolutePath().normalize();
        }
    }

    private static List<Path> children(Path folder, String pattern) {
        List<Path> children = new ArrayList<>();
        if (Files.isDirectory(folder)) {
            try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder, pattern)) {
                entries.forEach(children::add);
            } catch (IOException e) {
                return List.of();
            }
        }
        children.sort(Comparator.comparing((Path child) -> child.getFileName().toString(), NewestFirst.ORDER));
        return children;
    }
}
