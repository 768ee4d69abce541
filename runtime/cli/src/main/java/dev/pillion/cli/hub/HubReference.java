package dev.pillion.cli.hub;

import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A file in a model repository, written {@code hf:ORG/REPO/FILE[@REV]}. Every part becomes part of a path on disk, so
 * the parts are checked here, once: no empty, {@code .} or {@code ..} segment, no backslash, no control character.
 *
 * @param organisation user or organisation
 * @param repository name of the repository
 * @param file path of the file in the repository, with {@code /} between folders
 * @param revision branch, tag, {@code refs/...} or commit
 */
public record HubReference(String organisation, String repository, String file, String revision) {
    /** What a reference starts with. */
    public static final String PREFIX = "hf:";

    private static final String FORM = "expected hf:ORG/REPO/FILE or hf:ORG/REPO/FILE@REV";
    private static final String DEFAULT_REVISION = "main";
    private static final int MAX_LENGTH = 1024;
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._-]{0,95}");

    /**
     * Reads a reference.
     *
     * @throws IllegalArgumentException if the text is none, or names something outside its repository
     */
    public static HubReference parse(String text) {
        if (!text.startsWith(PREFIX) || text.length() > MAX_LENGTH) {
            throw new IllegalArgumentException(FORM);
        }
        String rest = text.substring(PREFIX.length());
        int at = rest.lastIndexOf('@');
        String revision = at < 0 ? DEFAULT_REVISION : rest.substring(at + 1);
        String[] parts = (at < 0 ? rest : rest.substring(0, at)).split("/", 3);
        if (parts.length < 3) {
            throw new IllegalArgumentException(FORM);
        }
        return new HubReference(parts[0], parts[1], parts[2], revision);
    }

    /** Checks the parts. */
    public HubReference {
        checkName("ORG", organisation);
        checkName("REPO", repository);
        checkPath("FILE", file);
        checkPath("REV", revision);
    }

    /** {@code ORG/REPO}. */
    public String repositoryId() {
        return organisation + "/" + repository;
    }

    /** Last segment of the file's path. */
    public String fileName() {
        return file.substring(file.lastIndexOf('/') + 1);
    }

    /** Where a hub serves the file. */
    public URI resolveUri(URI endpoint) {
        String base = endpoint.toString().replaceAll("/+$", "");
        return URI.create(base + "/" + organisation + "/" + repository + "/resolve/" + encode(revision, "%2F") + "/"
                + encode(file, "/"));
    }

    @Override
    public String toString() {
        String text = PREFIX + repositoryId() + "/" + file;
        return revision.equals(DEFAULT_REVISION) ? text : text + "@" + revision;
    }

    private static String encode(String path, String separator) {
        return List.of(path.split("/")).stream()
                .map(segment -> URLEncoder.encode(segment, StandardCharsets.UTF_8).replace("+", "%20"))
                .collect(Collectors.joining(separator));
    }

    /** The hub allows no {@code --} and no {@code ..} in names; the cache separates them by {@code --}. */
    private static void checkName(String part, String name) {
        if (!NAME.matcher(name).matches() || name.contains("--") || name.contains("..")) {
            throw new IllegalArgumentException(part + " is \"" + name + "\", which no repository is called; " + FORM);
        }
    }

    private static void checkPath(String part, String path) {
        boolean unsafe = path.isEmpty()
                || path.chars().anyMatch(c -> c < ' ' || c == 0x7f || c == '\\' || c == ':')
                || List.of(path.split("/", -1)).stream().anyMatch(s -> s.isEmpty() || s.equals(".") || s.equals(".."));
        if (unsafe) {
            throw new IllegalArgumentException(
                    part + " is \"" + path + "\"; it must be a plain path inside the repository; " + FORM);
        }
    }
}
