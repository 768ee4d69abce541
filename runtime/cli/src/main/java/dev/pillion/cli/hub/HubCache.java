package dev.pillion.cli.hub;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The hub's own cache on this machine, in the layout that Hugging Face's tools use, so that a file fetched by either is
 * found by both:
 *
 * <pre>
 *   models--ORG--REPO/refs/REV               text: the commit that REV stood for when last asked
 *   models--ORG--REPO/blobs/ETAG             the bytes, named by the server's ETag (SHA-256 for large files)
 *   models--ORG--REPO/snapshots/COMMIT/FILE  link to the blob
 * </pre>
 *
 * @param root the folder that holds the repositories
 */
public record HubCache(Path root) {
    private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}");

    /**
     * The cache the environment names: {@code HF_HUB_CACHE}, else {@code HF_HOME/hub}, else
     * {@code XDG_CACHE_HOME/huggingface/hub}, else {@code ~/.cache/huggingface/hub}.
     *
     * @param environment environment variables
     * @param home the user's home folder
     */
    public static HubCache of(Map<String, String> environment, Path home) {
        String hubCache = environment.getOrDefault("HF_HUB_CACHE", "");
        if (!hubCache.isEmpty()) {
            return new HubCache(Path.of(hubCache));
        }
        String hubHome = environment.getOrDefault("HF_HOME", "");
        if (!hubHome.isEmpty()) {
            return new HubCache(Path.of(hubHome, "hub"));
        }
        String xdg = environment.getOrDefault("XDG_CACHE_HOME", "");
        Path cache = xdg.isEmpty() ? home.resolve(".cache") : Path.of(xdg);
        return new HubCache(cache.resolve("huggingface").resolve("hub"));
    }

    /** Whether a revision is a commit, which always means the same bytes. */
    static boolean isCommit(String revision) {
        return COMMIT.matcher(revision).matches();
    }

    /** The file as it was last fetched under this reference, if it was. */
    public Optional<Path> find(HubReference reference) {
        return commit(reference).map(commit -> snapshot(reference, commit)).filter(Files::isRegularFile);
    }

    /** Folder of a repository. */
    public Path repository(HubReference reference) {
        return root.resolve("models--" + reference.organisation() + "--" + reference.repository());
    }

    /** Where the bytes of a version lie. */
    Path blob(HubReference reference, RemoteFile remote) {
        return repository(reference).resolve("blobs").resolve(remote.etag());
    }

    /**
     * Makes a blob visible under its commit and remembers which commit the revision stands for.
     *
     * @return the file in the snapshot
     */
    Path link(HubReference reference, RemoteFile remote, String commit) throws IOException {
        Path blob = blob(reference, remote);
        Path snapshot = snapshot(reference, commit);
        Files.createDirectories(snapshot.getParent());
        Path target = snapshot.getParent().relativize(blob);
        if (!Files.exists(snapshot) || !Files.isSameFile(snapshot, blob)) {
            linkAtomically(snapshot, target, blob);
        }
        if (!isCommit(reference.revision())) {
            writeAtomically(refs(reference), commit);
        }
        return snapshot;
    }

    private Optional<String> commit(HubReference reference) {
        if (isCommit(reference.revision())) {
            return Optional.of(reference.revision());
        }
        Path refs = refs(reference);
        try {
            String commit = Files.isRegularFile(refs) ? Files.readString(refs).strip() : "";
            return isCommit(commit) ? Optional.of(commit) : Optional.empty();
        } catch (IOException e) {
            throw new HubException("cannot read " + refs + ": " + e.getMessage(), e);
        }
    }

    private Path refs(HubReference reference) {
        return repository(reference).resolve("refs").resolve(reference.revision());
    }

    private Path snapshot(HubReference reference, String commit) {
        return repository(reference).resolve("snapshots").resolve(commit).resolve(reference.file());
    }

    /** A link where the file system has them; else the blob itself moves, as Hugging Face's tools do it there too. */
    private static void linkAtomically(Path snapshot, Path target, Path blob) throws IOException {
        Path fresh = beside(snapshot);
        try {
            Files.createSymbolicLink(fresh, target);
        } catch (UnsupportedOperationException e) {
            Files.move(blob, fresh);
        }
        Files.move(fresh, snapshot, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static void writeAtomically(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        Path fresh = beside(file);
        Files.writeString(fresh, text);
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static Path beside(Path file) throws FileAlreadyExistsException {
        Path fresh = file.resolveSibling(file.getFileName() + "." + ProcessHandle.current().pid() + ".tmp");
        if (Files.exists(fresh)) {
            throw new FileAlreadyExistsException(fresh.toString());
        }
        return fresh;
    }
}
