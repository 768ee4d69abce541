package dev.pillion.cli.hub;

/** A file that could not be had from the hub. The message names the file, the reason and the remedy. */
public final class HubException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * Creates an exception.
     *
     * @param message what failed, why, and the remedy
     */
    public HubException(String message) {
        super(message);
    }

    /**
     * Creates an exception with a cause.
     *
     * @param message what failed, why, and the remedy
     * @param cause what led to it
     */
    public HubException(String message, Throwable cause) {
        super(message, cause);
    }
}
