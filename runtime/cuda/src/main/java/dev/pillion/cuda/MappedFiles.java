package dev.pillion.cuda;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Which file the operating system has mapped for a library, which a symbolic link such as {@code libcuda.so.1} hides.
 * Where two versions of a library are installed this is the only way to know which one answers.
 */
final class MappedFiles {
    private static final int COLUMNS_BEFORE_PATH = 5;

    private MappedFiles() {}

    /** The mapped file behind {@code loaded}, or that path itself where the system does not tell. */
    static Path of(Path loaded, Path maps) {
        Path real;
        List<String> lines;
        try {
            real = loaded.toRealPath();
            lines = Files.readAllLines(maps);
        } catch (IOException e) {
            return loaded;
        }
        String anyVersion = String.valueOf(loaded.getFileName()).replaceFirst("\\.so.*", ".so");
        Path sameName = real;
        for (String line : lines) {
            String[] columns = line.split("\\s+", COLUMNS_BEFORE_PATH + 1);
            if (columns.length <= COLUMNS_BEFORE_PATH || !columns[COLUMNS_BEFORE_PATH].startsWith("/")) {
                continue;
            }
            Path mapped = Path.of(columns[COLUMNS_BEFORE_PATH]);
            if (mapped.equals(real)) {
                return real;
            }
            if (String.valueOf(mapped.getFileName()).startsWith(anyVersion)) {
                sameName = mapped;
            }
        }
        return sameName;
    }
}
