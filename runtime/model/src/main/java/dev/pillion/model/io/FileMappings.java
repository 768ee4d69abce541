package dev.pillion.model.io;

import dev.pillion.model.ModelFormatException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.Function;

/**
 * The read-only mappings of one model, which live and die together.
 *
 * <p>The files must not shrink while they are mapped: the operating system answers an access beyond the new end with a
 * fault that no check made at opening can prevent.
 */
public final class FileMappings implements AutoCloseable {
    private final Arena arena = Arena.ofShared();

    private FileMappings() {}

    /**
     * Runs a reader over fresh mappings. If it fails, whatever it mapped is unmapped; if it succeeds, its result owns
     * the mappings.
     */
    public static <T> T open(Function<FileMappings, T> reader) {
        FileMappings mappings = new FileMappings();
        boolean opened = false;
        try {
            T result = reader.apply(mappings);
            opened = true;
            return result;
        } finally {
            if (!opened) {
                mappings.close();
            }
        }
    }

    /**
     * Maps a whole file, read-only.
     *
     * @throws ModelFormatException if it is there but is not a regular file (opening a pipe would block)
     * @throws UncheckedIOException if it is missing, unreadable or cannot be mapped
     */
    public MemorySegment map(Path file) {
        if (Files.exists(file) && !Files.isRegularFile(file)) {
            throw new ModelFormatException(file, "file", "is a folder or a device, not a regular file");
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            return channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot map " + file + ": " + e.getMessage(), e);
        }
    }

    /** Unmaps everything. Idempotent. */
    @Override
    public synchronized void close() {
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }
}
