package dev.pillion.spi;

/**
 * A backend cannot be opened here, although a look at the machine promised otherwise. Startup goes on to the next backend.
 */
public final class BackendUnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * Creates an exception.
     *
     * @param reason one line: what is missing, and the remedy
     */
    public BackendUnavailableException(String reason) {
        super(reason);
    }

    /**
     * Creates an exception with a cause.
     *
     * @param reason one line: what is missing, and the remedy
     * @param cause what led to it
     */
    public BackendUnavailableException(String reason, Throwable cause) {
        super(reason, cause);
    }
}
