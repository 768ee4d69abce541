package dev.pillion.cli.hub;

import java.net.http.HttpHeaders;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/**
 * What a hub says about a file before it is fetched.
 *
 * @param etag the version's name, without quotes: the SHA-256 of a large file, the git id of a small one
 * @param linked whether {@code etag} is the hub's own name of the content ({@code X-Linked-Etag}) rather than the
 *     validator of the address that serves the bytes
 * @param size length in bytes
 * @param commit the commit the revision stands for, where the server says
 */
record RemoteFile(String etag, boolean linked, OptionalLong size, Optional<String> commit) {
    private static final Pattern SHA_256 = Pattern.compile("[0-9a-f]{64}");
    private static final Pattern FILE_NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,127}");

    /**
     * Reads the answer to a HEAD request.
     *
     * @param headers of the last response
     * @param commit the commit an earlier response of the redirects named
     * @param what the file, for messages
     */
    static RemoteFile read(HttpHeaders headers, Optional<String> commit, String what) {
        Optional<String> linkedEtag = headers.firstValue("X-Linked-Etag");
        String etag = linkedEtag.or(() -> headers.firstValue("ETag"))
                .map(RemoteFile::unquote)
                .orElseThrow(() -> new HubException(
                        what + ": the server names no version (no ETag); is the endpoint a hub?"));
        if (!FILE_NAME.matcher(etag).matches()) {
            throw new HubException(what + ": the server's ETag is no plain name; is the endpoint a hub?");
        }
        OptionalLong size = length(headers, "X-Linked-Size");
        if (size.isEmpty() && linkedEtag.isEmpty()) {
            size = length(headers, "Content-Length");
        }
        RemoteFile file = new RemoteFile(etag, linkedEtag.isPresent(), size, commit.filter(HubCache::isCommit));
        if (!file.hasChecksum() && size.isEmpty()) {
            throw new HubException(what + ": the server gives neither checksum nor size, so nothing could be checked");
        }
        return file;
    }

    /** Whether the ETag is a SHA-256 of the content. */
    boolean hasChecksum() {
        return SHA_256.matcher(etag).matches();
    }

    private static OptionalLong length(HttpHeaders headers, String name) {
        String text = headers.firstValue(name).orElse("");
        return text.matches("[0-9]{1,18}") ? OptionalLong.of(Long.parseLong(text)) : OptionalLong.empty();
    }

    private static String unquote(String etag) {
        String strong = etag.startsWith("W/") ? etag.substring(2) : etag;
        boolean quoted = strong.length() >= 2 && strong.startsWith("\"") && strong.endsWith("\"");
        return quoted ? strong.substring(1, strong.length() - 1) : strong;
    }
}
