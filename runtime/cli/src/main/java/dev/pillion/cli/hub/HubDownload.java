package dev.pillion.cli.hub;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/** Fetches files from a hub, into its cache or into a folder; what is there and right already is not fetched again. */
public final class HubDownload implements AutoCloseable {
    /** How a fetched file was checked. */
    public enum Check {
        /** Against the SHA-256 that the hub names. */
        SHA_256("SHA-256 checked"),
        /** Against its length, as the hub names no SHA-256 for it. */
        SIZE("size checked; the hub names no SHA-256 for this file");

        private final String text;

        Check(String text) {
            this.text = text;
        }

        @Override
        public String toString() {
            return text;
        }
    }

    /**
     * A file that is there.
     *
     * @param path where
     * @param check how it was checked
     * @param transferred whether bytes had to be fetched
     */
    public record Fetched(Path path, Check check, boolean transferred) {}

    private final HubHttp http;
    private final Retries retries;
    private final Progress progress;

    /**
     * Prepares to fetch.
     *
     * @param endpoint the hub
     * @param retries how stubbornly
     * @param progress told how files come in
     */
    public HubDownload(HubEndpoint endpoint, Retries retries, Progress progress) {
        this.http = new HubHttp(endpoint);
        this.retries = retries;
        this.progress = progress;
    }

    /**
     * Fetches a file into the cache.
     *
     * @throws HubException if it cannot be had
     */
    public Fetched toCache(HubReference reference, HubCache cache) {
        RemoteFile remote = head(reference);
        String commit = HubCache.isCommit(reference.revision())
                ? reference.revision()
                : remote.commit().orElseThrow(() -> new HubException(reference
                        + ": the server names no commit (X-Repo-Commit), so the cache cannot keep it; use --to DIR"));
        Path blob = cache.blob(reference, remote);
        try {
            boolean present = isPresent(blob, remote);
            if (!present) {
                transfer(reference, remote, blob.resolveSibling(remote.etag() + ".part"), blob);
            }
            return new Fetched(cache.link(reference, remote, commit), check(remote), !present);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write to the cache " + cache.root(), e);
        }
    }

    /**
     * Fetches a file into a folder, under the path it has in its repository.
     *
     * @throws HubException if it cannot be had
     */
    public Fetched toFolder(HubReference reference, Path folder) {
        Path target = folder.resolve(reference.file()).normalize();
        if (!target.startsWith(folder.normalize())) {
            throw new HubException(reference + ": lies outside " + folder);
        }
        RemoteFile remote = head(reference);
        try {
            boolean present = remote.hasChecksum() && isPresent(target, remote) && hasChecksum(target, remote);
            if (!present) {
                Path part = target.resolveSibling(target.getFileName() + "." + remote.etag() + ".part");
                transfer(reference, remote, part, target);
            }
            return new Fetched(target, check(remote), !present);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write to " + folder, e);
        }
    }

    @Override
    public void close() {
        http.close();
    }

    private RemoteFile head(HubReference reference) {
        return retries.run(reference.toString(), () -> http.head(reference));
    }

    private void transfer(HubReference reference, RemoteFile remote, Path part, Path target) throws IOException {
        new Transfer(http, reference, remote, retries, progress).fetch(part, target);
    }

    /** A blob's name says which version it is and it only got its name after the check, so its length is enough. */
    private static boolean isPresent(Path file, RemoteFile remote) throws IOException {
        return Files.isRegularFile(file)
                && (remote.size().isEmpty() || Files.size(file) == remote.size().getAsLong());
    }

    /** A folder's file may be anybody's; without a checksum to compare it is fetched anew. */
    private static boolean hasChecksum(Path file, RemoteFile remote) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            return Transfer.sha256(channel).equals(remote.etag());
        }
    }

    private static Check check(RemoteFile remote) {
        return remote.hasChecksum() ? Check.SHA_256 : Check.SIZE;
    }
}
