package dev.pillion.verify;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Programs of the machine that are used where they are there. */
final class Programs {
    private static final List<String> TOOLKIT =
            List.of("/usr/local/cuda/bin", "/usr/local/cuda/compute-sanitizer", "/usr/bin", "/usr/local/bin");

    private Programs() {}

    /** Looks on the PATH and where CUDA toolkits are installed. */
    static Optional<Path> find(String name) {
        List<String> folders = new ArrayList<>(List.of(System.getenv().getOrDefault("PATH", "").split(":")));
        folders.addAll(TOOLKIT);
        return folders.stream()
                .filter(folder -> !folder.isBlank())
                .map(folder -> Path.of(folder, name))
                .filter(program -> Files.isRegularFile(program) && Files.isExecutable(program))
                .findFirst();
    }
}
