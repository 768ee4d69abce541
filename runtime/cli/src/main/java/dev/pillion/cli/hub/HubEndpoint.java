package dev.pillion.cli.hub;

import java.net.URI;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * A hub and the token for it. The token is for this origin (scheme, host and port) alone: a hub redirects to storage on
 * other hosts, and none of them may see it.
 *
 * @param base address of the hub
 * @param token bearer token
 */
public record HubEndpoint(URI base, Optional<String> token) {
    /** Where public models live. */
    public static final String DEFAULT = "https://huggingface.co";

    private static final Set<String> LOOPBACK = Set.of("127.0.0.1", "localhost", "[::1]");

    /** Checks the address. */
    public HubEndpoint {
        String scheme = Objects.requireNonNullElse(base.getScheme(), "").toLowerCase(Locale.ROOT);
        if (base.getHost() == null || !(scheme.equals("https") || scheme.equals("http"))) {
            throw new IllegalArgumentException("the endpoint is \"" + base + "\"; expected https://HOST");
        }
        if (base.getUserInfo() != null || base.getQuery() != null || base.getFragment() != null) {
            throw new IllegalArgumentException("the endpoint has a user, a query or a fragment; expected https://HOST");
        }
        token = token.map(String::strip).filter(text -> !text.isEmpty());
        if (token.isPresent() && !token.get().chars().allMatch(c -> c > ' ' && c < 0x7f)) {
            throw new IllegalArgumentException("HF_TOKEN holds characters that no token has");
        }
    }

    /** Whether the token would travel unencrypted over a network; it is then not sent at all. */
    public boolean withholdsToken() {
        return token.isPresent() && !mayCarryToken();
    }

    /** Whether an address belongs to this hub. */
    boolean owns(URI address) {
        return base.getScheme().equalsIgnoreCase(address.getScheme())
                && base.getHost().equalsIgnoreCase(address.getHost())
                && port(base) == port(address);
    }

    /** The token to send to an address of this hub. */
    Optional<String> tokenFor(URI address) {
        return owns(address) && mayCarryToken() ? token : Optional.empty();
    }

    private boolean mayCarryToken() {
        return base.getScheme().equalsIgnoreCase("https") || LOOPBACK.contains(base.getHost().toLowerCase(Locale.ROOT));
    }

    private static int port(URI address) {
        return address.getPort() >= 0 ? address.getPort() : "https".equalsIgnoreCase(address.getScheme()) ? 443 : 80;
    }
}
