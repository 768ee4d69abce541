package dev.pillion.cli.hub;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Requests to a hub. Redirects are followed here rather than by the HTTP client, for two reasons: the token must not
 * follow them to another origin, and the facts about a large file stand in the redirecting response, not in the last
 * one.
 */
final class HubHttp implements AutoCloseable {
    private static final int MAX_REDIRECTS = 8;
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(20);
    private static final Duration RESPONSE_TIMEOUT = Duration.ofSeconds(60);
    private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);
    private static final Set<Integer> TRANSIENT = Set.of(408, 429, 500, 502, 503, 504);

    /**
     * The last response of a chain of redirects.
     *
     * @param response that response
     * @param commit the commit that any response of the chain named
     */
    record Reply(HttpResponse<InputStream> response, Optional<String> commit) {}

    private final HubEndpoint endpoint;
    private final HttpClient client;

    HubHttp(HubEndpoint endpoint) {
        this.endpoint = endpoint;
        this.client = HttpClient.newBuilder()
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(CONNECT_TIMEOUT)
                .build();
    }

    /**
     * Asks what a file is.
     *
     * @throws HubException if the hub refuses
     */
    RemoteFile head(HubReference reference) throws TransientFailure {
        Reply reply = send("HEAD", reference, Map.of());
        close(reply.response().body());
        if (!REDIRECTS.contains(reply.response().statusCode())) {
            requireSuccess(reply.response(), reference);
        }
        return RemoteFile.read(reply.response().headers(), reply.commit(), reference.toString());
    }

    /**
     * Asks for a file's bytes. The caller closes the body.
     *
     * @param headers further request headers, such as a range
     * @throws HubException if the hub refuses
     */
    HttpResponse<InputStream> get(HubReference reference, Map<String, String> headers) throws TransientFailure {
        HttpResponse<InputStream> response = send("GET", reference, headers).response();
        try {
            if (response.statusCode() != 416) {
                requireSuccess(response, reference);
            }
        } catch (HubException | TransientFailure e) {
            close(response.body());
            throw e;
        }
        return response;
    }

    @Override
    public void close() {
        client.shutdownNow();
    }

    private Reply send(String method, HubReference reference, Map<String, String> headers) throws TransientFailure {
        URI address = reference.resolveUri(endpoint.base());
        Optional<String> commit = Optional.empty();
        boolean trusted = true;
        for (int hop = 0; hop <= MAX_REDIRECTS; hop++) {
            HttpResponse<InputStream> response = sendOnce(method, address, headers, trusted);
            commit = commit.or(() -> response.headers().firstValue("X-Repo-Commit"));
            boolean complete = method.equals("HEAD") && response.headers().firstValue("X-Linked-Etag").isPresent();
            if (complete || !REDIRECTS.contains(response.statusCode())) {
                return new Reply(response, commit);
            }
            close(response.body());
            URI next = location(address, response.headers(), reference);
            trusted &= endpoint.owns(next);
            address = next;
        }
        throw new HubException(reference + ": more than " + MAX_REDIRECTS + " redirects");
    }

    private HttpResponse<InputStream> sendOnce(String method, URI address, Map<String, String> headers, boolean trusted)
            throws TransientFailure {
        HttpRequest.Builder request = HttpRequest.newBuilder(address)
                .method(method, HttpRequest.BodyPublishers.noBody())
                .timeout(RESPONSE_TIMEOUT)
                .header("User-Agent", "pillion")
                .header("Accept-Encoding", "identity");
        headers.forEach(request::header);
        if (trusted) {
            endpoint.tokenFor(address).ifPresent(token -> request.header("Authorization", "Bearer " + token));
        }
        try {
            return client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
        } catch (IOException e) {
            throw new TransientFailure("no answer from " + address.getHost() + " (" + reason(e) + ")", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UncheckedIOException(new InterruptedIOException("interrupted while waiting for the hub"));
        }
    }

    private URI location(URI from, HttpHeaders headers, HubReference reference) {
        URI next;
        try {
            next = from.resolve(headers.firstValue("Location").orElseThrow());
        } catch (RuntimeException e) {
            throw new HubException(reference + ": the server redirects to nowhere", e);
        }
        boolean web = "https".equalsIgnoreCase(next.getScheme()) || "http".equalsIgnoreCase(next.getScheme());
        boolean downgrade = "https".equalsIgnoreCase(from.getScheme()) && !"https".equalsIgnoreCase(next.getScheme());
        if (!web || downgrade || next.getHost() == null) {
            throw new HubException(reference + ": refused a redirect to " + next.getScheme() + "://" + next.getHost());
        }
        return next;
    }

    private void requireSuccess(HttpResponse<?> response, HubReference reference) throws TransientFailure {
        int status = response.statusCode();
        if (status == 200 || status == 206) {
            return;
        }
        if (TRANSIENT.contains(status)) {
            throw new TransientFailure("the server answers " + status);
        }
        String detail = response.headers().firstValue("X-Error-Message").map(text -> " (" + text + ")").orElse("");
        throw new HubException(reference + ": " + switch (status) {
            case 401, 403 -> "access refused (" + status + ")" + detail + "; " + accessRemedy(reference);
            case 404 -> "not found on " + endpoint.base() + " (404)" + detail + "; check the names and the revision";
            default -> "the server answers " + status + detail;
        });
    }

    private String accessRemedy(HubReference reference) {
        if (endpoint.withholdsToken()) {
            return "HF_TOKEN was not sent because " + endpoint.base() + " is not https";
        }
        return endpoint.token().isPresent()
                ? "the token in HF_TOKEN has no access to " + reference.repositoryId() + ", or there is no such thing"
                : "set HF_TOKEN to a token with access to " + reference.repositoryId() + ", or check the name";
    }

    static String reason(IOException e) {
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }

    private static void close(InputStream body) {
        try {
            body.close();
        } catch (IOException e) {
            // The response is done with; how its connection ends changes nothing.
        }
    }
}
