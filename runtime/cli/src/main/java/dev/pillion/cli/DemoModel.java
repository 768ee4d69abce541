package dev.pillion.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * The built-in model. A model is mapped from a file and a resource of a jar is none, so it is copied once, to a file
 * whose name holds its SHA-256. The copy is checked on each use: it is small, and what lies in a cache may have been
 * damaged.
 */
final class DemoModel {
    private static final String RESOURCE = "demo.gguf";
    private static final int NAME_DIGITS = 16;

    private DemoModel() {}

    /** The file, written now if it is not there yet. */
    static Path file(CommandContext context) {
        byte[] bytes = resource();
        String name = "demo-" + HexFormat.of().formatHex(sha256(bytes)).substring(0, NAME_DIGITS) + ".gguf";
        Path folder = context.folder("XDG_CACHE_HOME", ".cache");
        try {
            return copyInto(folder, name, bytes);
        } catch (IOException e) {
            return copyToTemporaryFolder(folder, name, bytes, e);
        }
    }

    private static Path copyInto(Path folder, String name, byte[] bytes) throws IOException {
        Path file = folder.resolve(name);
        if (Files.isRegularFile(file) && Arrays.equals(Files.readAllBytes(file), bytes)) {
            return file;
        }
        Files.createDirectories(folder);
        Path fresh = Files.createTempFile(folder, name, ".tmp");
        try {
            Files.write(fresh, bytes);
            return Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(fresh);
        }
    }

    /** For machines without a writable home folder; a folder of this process alone, removed when it ends. */
    private static Path copyToTemporaryFolder(Path cache, String name, byte[] bytes, IOException reason) {
        try {
            Path folder = Files.createTempDirectory("pillion");
            folder.toFile().deleteOnExit();
            Path file = copyInto(folder, name, bytes);
            file.toFile().deleteOnExit();
            return file;
        } catch (IOException e) {
            e.addSuppressed(reason);
            throw new UncheckedIOException("cannot write the demo model to " + cache + " nor to a temporary folder", e);
        }
    }

    private static byte[] resource() {
        try (InputStream in = DemoModel.class.getResourceAsStream(RESOURCE)) {
            if (in == null) {
                throw new CliException(ExitCode.FAILURE, "the demo model is missing from this build of pillion");
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the built-in demo model", e);
        }
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
