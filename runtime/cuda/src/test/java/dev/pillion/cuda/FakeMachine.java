package dev.pillion.cuda;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** A file system below a temporary folder, and the machine that has it. */
final class FakeMachine {
    private final Path root;

    FakeMachine(Path root) {
        this.root = root;
    }

    Machine linux(Map<String, String> environment) {
        return new Machine(Machine.Platform.LINUX, "x86_64-linux-gnu", root, root.resolve("home/ada"), environment);
    }

    Machine windows(Map<String, String> environment) {
        return new Machine(Machine.Platform.WINDOWS, "x86_64-linux-gnu", root, root.resolve("Users/ada"), environment);
    }

    /** Makes a file whose content does not matter; returns it. */
    Path file(String path) {
        return file(path, "not a library");
    }

    Path file(String path, String content) {
        try {
            Path file = root.resolve(path);
            Files.createDirectories(file.getParent());
            return Files.writeString(file, content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Path folder(String path) {
        try {
            return Files.createDirectories(root.resolve(path));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
