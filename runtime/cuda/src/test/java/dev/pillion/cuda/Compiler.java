package dev.pillion.cuda;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The C and C++ compiler of the machine, where there is one. Tests that need it skip, saying so, where there is none. */
final class Compiler {
    private static final List<Path> TOOLKITS = Stream.of(
                    System.getenv("CUDA_HOME"), System.getenv("CUDA_PATH"), "/usr/local/cuda", "/usr")
            .flatMap(Stream::ofNullable)
            .map(folder -> Path.of(folder, "include"))
            .toList();

    private Compiler() {}

    /** Whether a program such as {@code gcc} can be started. */
    static boolean has(String program) {
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
    }

    /** The folder that holds a header of the vendor. */
    static Optional<Path> folderOf(String header) {
        return TOOLKITS.stream().filter(folder -> Files.isRegularFile(folder.resolve(header))).findFirst();
    }

    /** Compiles a mock library from the test's resources to {@code target}. */
    static void library(String source, Path target) {
        Path sources = target.resolveSibling("src");
        List<String> command = new ArrayList<>(List.of("gcc", "-O1", "-shared", "-fPIC", "-o", target.toString()));
        folderOf("cuda.h").ifPresent(folder -> command.add("-I" + folder));
        try {
            Files.createDirectories(sources);
            for (String file : List.of("mock.h", "cuda_declarations.h", source)) {
                try (InputStream text = Compiler.class.getResourceAsStream("mock/" + file)) {
                    Files.write(sources.resolve(file), text.readAllBytes());
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        command.add(sources.resolve(source).toString());
        run(target.getParent(), command);
    }

    /** Runs a program to its end; returns what it printed. */
    static String run(Path folder, List<String> command) {
        try {
            Process process = new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .start();
            process.getOutputStream().close();
            String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new AssertionError(String.join(" ", command) + "\n" + printed);
            }
            return printed;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
