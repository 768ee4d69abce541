package dev.pillion.cli;

import dev.pillion.model.ModelFormatException;
import dev.pillion.model.json.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The results of a batch, one JSON line per request, in a file that survives the death of its writer at any byte.
 *
 * <p>Beside it lies a note, {@code FILE.run}, that says what run the results are of. The note is complete before the
 * first result is written, and put in place in one step. A run that finds results continues them if the note is its
 * own: what follows the last line end is half a line that was being written, and is cut off; a line once complete is
 * never touched. A lock keeps a second process from writing the same file.
 */
final class BatchOutput implements AutoCloseable {
    private static final int READ_BYTES = 1 << 16;

    private final Path file;
    private final FileChannel channel;
    private final BitSet finished = new BitSet();
    private int failed;

    private BatchOutput(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    /**
     * Opens the file to write on where an earlier run of the same kind stopped.
     *
     * @param run what tells this run from others; all of it must equal the note's
     * @param requests number of requests of the batch
     * @param overwrite start afresh, whatever is there
     */
    static BatchOutput open(Path file, Map<String, String> run, int requests, boolean overwrite) {
        try {
            FileChannel channel = FileChannel.open(
                    file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
            boolean opened = false;
            try {
                lock(file, channel);
                BatchOutput output = new BatchOutput(file, channel);
                output.start(run, requests, overwrite);
                opened = true;
                return output;
            } finally {
                if (!opened) {
                    channel.close();
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file, e);
        }
    }

    private static void lock(Path file, FileChannel channel) throws IOException {
        try {
            FileLock lock = channel.tryLock();
            if (lock != null) {
                return;
            }
        } catch (OverlappingFileLockException e) {
            throw new CliException(ExitCode.FAILURE, inUse(file), e);
        }
        throw new CliException(ExitCode.FAILURE, inUse(file));
    }

    private static String inUse(Path file) {
        return "another pillion batch is writing " + file + "; wait for its end or give another --out";
    }

    private void start(Map<String, String> run, int requests, boolean overwrite) throws IOException {
        if (overwrite) {
            channel.truncate(0);
        }
        if (channel.size() > 0) {
            refuseOther(run);
            resume(requests);
        } else {
            writeNote(run);
        }
        channel.position(channel.size());
    }

    /** The file that says what run the results are of. */
    static Path noteOf(Path file) {
        return file.resolveSibling(file.getFileName() + ".run");
    }

    private void refuseOther(Map<String, String> run) {
        Path note = noteOf(file);
        if (!Files.isRegularFile(note)) {
            throw refused("is not empty, and " + note.getFileName() + ", which would say what it is, is missing");
        }
        Map<String, @Nullable Object> found;
        try {
            found = Json.parseObject(note);
        } catch (ModelFormatException e) {
            throw refused("belongs to an unknown run: " + e.getMessage());
        }
        if (!found.equals(run)) {
            String different = run.keySet().stream()
                    .filter(key -> !run.get(key).equals(found.get(key)))
                    .findFirst()
                    .map(key -> key + " was " + found.get(key) + " and is now " + run.get(key))
                    .orElse("the note names other settings");
            throw refused("holds the results of another run: " + different);
        }
    }

    private void writeNote(Map<String, String> run) throws IOException {
        Path note = noteOf(file);
        Path fresh = note.resolveSibling(note.getFileName() + ".tmp");
        Files.write(fresh, line(run));
        Files.move(fresh, note, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /**
     * Reads which requests are finished and cuts off half a line at the end. Reads through the channel that holds the
     * lock: to close another one on the same file would release it.
     */
    private void resume(int requests) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        ByteBuffer buffer = ByteBuffer.allocate(READ_BYTES);
        long whole = 0;
        int number = 1;
        channel.position(0);
        while (channel.read(buffer.clear()) >= 0) {
            buffer.flip();
            while (buffer.hasRemaining()) {
                byte next = buffer.get();
                if (next == '\n') {
                    whole += line.size() + 1;
                    accept(line.toByteArray(), number++, requests);
                    line.reset();
                } else {
                    line.write(next);
                }
            }
        }
        channel.truncate(whole);
    }

    private void accept(byte[] line, int number, int requests) {
        Map<String, @Nullable Object> result;
        try {
            result = Json.parse(line, file) instanceof Map<?, ?> map ? Json.object(map) : Map.of();
        } catch (ModelFormatException e) {
            throw refused("is damaged: line " + number + " is no JSON");
        }
        if (!(result.get("index") instanceof Long index) || index < 0 || index >= requests) {
            throw refused("is damaged: line " + number + " has no index of one of the " + requests + " requests");
        }
        if (finished.get(index.intValue())) {
            throw refused("is damaged: line " + number + " is the second result of request " + index);
        }
        finished.set(index.intValue());
        failed += result.containsKey("error") ? 1 : 0;
    }

    private CliException refused(String why) {
        return new CliException(
                ExitCode.FAILURE,
                file + " " + why + "; give another --out, or --overwrite to start afresh and lose what it holds");
    }

    /** Whether a request has its result already. */
    boolean isFinished(int index) {
        return finished.get(index);
    }

    /** Requests that have their results. */
    int finished() {
        return finished.cardinality();
    }

    /** Of them, those that failed. */
    int failed() {
        return failed;
    }

    /** Appends a result; once this returns, it outlives the process. */
    void append(int index, Map<String, Object> result) {
        if (finished.get(index)) {
            throw new IllegalStateException("request " + index + " has a result already");
        }
        try {
            ByteBuffer bytes = ByteBuffer.wrap(line(result));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file, e);
        }
        finished.set(index);
        failed += result.containsKey("error") ? 1 : 0;
    }

    private static byte[] line(Map<String, ?> values) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        JsonOutput.line(new ResultWriter(bytes), new LinkedHashMap<>(values));
        return bytes.toByteArray();
    }

    /** Writes everything through to the disk and lets go of the file. */
    @Override
    public void close() {
        try (channel) {
            channel.force(true);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file, e);
        }
    }
}
