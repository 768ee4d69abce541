package dev.pillion.cuda;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The folders that {@code /etc/ld.so.conf} gives the dynamic linker. They are read here, rather than letting the linker
 * search, because asking the linker is a native call, of which the JVM warns even on machines that turn out to have no GPU.
 */
final class LinkerFolders {
    private static final int DEEPEST_INCLUDE = 8;

    private final Path root;
    private final Set<Path> folders = new LinkedHashSet<>();

    private LinkerFolders(Path root) {
        this.root = root;
    }

    /** The folders in order; none where the file cannot be read. */
    static List<Path> of(Path root) {
        LinkerFolders found = new LinkerFolders(root);
        found.read(root.resolve("etc/ld.so.conf"), 0);
        return List.copyOf(found.folders);
    }

    private void read(Path file, int depth) {
        if (depth > DEEPEST_INCLUDE || !Files.isRegularFile(file)) {
            return;
        }
        List<String> lines;
        try {
            lines = Files.readAllLines(file);
        } catch (IOException e) {
            return;
        }
        for (String line : lines) {
            String text = line.replaceFirst("#.*", "").strip();
            if (text.startsWith("include ")) {
                include(file, text.substring("include ".length()).strip(), depth);
            } else if (text.startsWith("/")) {
                folders.add(root.resolve(text.substring(1)));
            }
        }
    }

    private void include(Path from, String pattern, int depth) {
        Path whole = pattern.startsWith("/")
                ? root.resolve(pattern.substring(1))
                : from.resolveSibling(pattern);
        Path folder = whole.getParent();
        if (folder == null || !Files.isDirectory(folder)) {
            return;
        }
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> entries =
                Files.newDirectoryStream(folder, String.valueOf(whole.getFileName()))) {
            entries.forEach(files::add);
        } catch (IOException e) {
            return;
        }
        files.sort(null);
        files.forEach(file -> read(file, depth + 1));
    }
}
