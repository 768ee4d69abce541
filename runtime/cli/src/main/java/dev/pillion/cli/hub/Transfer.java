package dev.pillion.cli.hub;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Brings one version of one file to one place.
 *
 * <p>Bytes go to a {@code .part} file whose name holds the version's ETag, under a file lock. It survives every
 * failure, so the next attempt, or the next run, asks for the rest alone. When it is complete it is checked, forced to
 * disk and renamed in one step: the final name never shows half a file.
 *
 * <p>What guards a resumed file against a mixture of versions: the SHA-256 where there is one; else an {@code If-Range}
 * header, which makes the server start over when the validator no longer fits.
 */
final class Transfer {
    private static final int BUFFER_BYTES = 1 << 16;
    private static final Duration STALL_LIMIT = Duration.ofSeconds(60);

    private final HubHttp http;
    private final HubReference reference;
    private final RemoteFile remote;
    private final Retries retries;
    private final Progress progress;

    Transfer(HubHttp http, HubReference reference, RemoteFile remote, Retries retries, Progress progress) {
        this.http = http;
        this.reference = reference;
        this.remote = remote;
        this.retries = retries;
        this.progress = progress;
    }

    /** Fetches what is missing of the part file, checks it and renames it. */
    void fetch(Path part, Path target) throws IOException {
        Files.createDirectories(part.getParent());
        Files.createDirectories(target.getParent());
        try (FileChannel channel = FileChannel.open(
                part, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            lock(channel, part);
            boolean resumed = channel.size() > 0;
            fill(channel, part);
            if (resumed && !matches(channel)) {
                retries.note().accept(reference + ": the resumed file is not what the hub has; starting over");
                channel.truncate(0);
                fill(channel, part);
            }
            if (!matches(channel)) {
                channel.truncate(0);
                throw new HubException(reference + ": the bytes received do not have the SHA-256 " + remote.etag()
                        + " that the hub names; they were thrown away. Try again; if it stays so, distrust the source");
            }
            channel.force(true);
            Files.move(part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    /** Closing the channel gives the lock back. */
    private void lock(FileChannel channel, Path part) throws IOException {
        try {
            if (channel.tryLock() != null) {
                return;
            }
        } catch (OverlappingFileLockException e) {
            // Held within this JVM: the same answer as for one held by another process.
        }
        throw new HubException(reference + ": another process is fetching it into " + part + "; wait for it");
    }

    private void fill(FileChannel channel, Path part) {
        retries.run(reference.toString(), () -> {
            try {
                long present = channel.size();
                if (remote.size().isPresent() && present > remote.size().getAsLong()) {
                    channel.truncate(0);
                    present = 0;
                }
                if (remote.size().isEmpty() || present < remote.size().getAsLong()) {
                    requireSpace(part, present);
                    request(channel, present);
                }
                return true;
            } catch (IOException e) {
                throw new UncheckedIOException("cannot write " + part, e);
            }
        });
    }

    private void request(FileChannel channel, long present) throws IOException, TransientFailure {
        HttpResponse<InputStream> response = http.get(reference, rangeHeaders(present));
        try (InputStream body = response.body()) {
            boolean continues = response.statusCode() == 206 && startsAt(response, present);
            if (response.statusCode() == 416 || (response.statusCode() == 206 && !continues)) {
                channel.truncate(0);
                throw new TransientFailure("the server cannot go on at byte " + present);
            }
            long start = continues ? present : 0;
            channel.truncate(start);
            channel.position(start);
            copy(body, channel, start);
        }
    }

    private Map<String, String> rangeHeaders(long present) {
        Map<String, String> headers = new LinkedHashMap<>();
        if (present > 0) {
            headers.put("Range", "bytes=" + present + "-");
            if (!remote.linked() && !remote.hasChecksum()) {
                headers.put("If-Range", "\"" + remote.etag() + "\"");
            }
        }
        return headers;
    }

    private static boolean startsAt(HttpResponse<?> response, long present) {
        return response.headers().firstValue("Content-Range").orElse("").startsWith("bytes " + present + "-");
    }

    /** A failed read may be tried again; a failed write, such as to a full disk, may not. */
    private void copy(InputStream body, FileChannel channel, long start) throws IOException, TransientFailure {
        progress.start(reference.fileName(), start, remote.size());
        byte[] buffer = new byte[BUFFER_BYTES];
        long total = start;
        try (StallGuard guard = new StallGuard(body, STALL_LIMIT)) {
            for (int count = read(body, buffer); count >= 0; count = read(body, buffer)) {
                guard.touch();
                total += count;
                if (remote.size().isPresent() && total > remote.size().getAsLong()) {
                    throw new HubException(reference + ": the server sends more than the " + remote.size().getAsLong()
                            + " bytes it announced");
                }
                ByteBuffer bytes = ByteBuffer.wrap(buffer, 0, count);
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                progress.advance(count);
            }
        } finally {
            progress.stop();
        }
        if (remote.size().isPresent() && total < remote.size().getAsLong()) {
            throw new TransientFailure("the connection ended at byte " + total + " of " + remote.size().getAsLong());
        }
    }

    private static int read(InputStream body, byte[] buffer) throws TransientFailure {
        try {
            return body.read(buffer);
        } catch (IOException e) {
            throw new TransientFailure("the connection broke (" + HubHttp.reason(e) + ")", e);
        }
    }

    private void requireSpace(Path part, long present) throws IOException {
        long missing = remote.size().orElse(present) - present;
        long usable = Files.getFileStore(part).getUsableSpace();
        if (missing > usable) {
            throw new HubException(reference + ": needs " + missing + " bytes more, the disk of " + part.getParent()
                    + " has " + usable + "; make room, or choose another place with --to or HF_HOME");
        }
    }

    private boolean matches(FileChannel channel) throws IOException {
        if (!remote.hasChecksum()) {
            return true;
        }
        return sha256(channel).equals(remote.etag());
    }

    static String sha256(FileChannel channel) throws IOException {
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
        ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
        channel.position(0);
        while (channel.read(buffer) >= 0) {
            digest.update(buffer.flip());
            buffer.clear();
        }
        return HexFormat.of().formatHex(digest.digest());
    }
}
