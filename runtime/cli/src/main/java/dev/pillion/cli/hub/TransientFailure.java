package dev.pillion.cli.hub;

/** A failure that may not happen again: a lost connection, a busy server. Caught by {@link Retries}. */
final class TransientFailure extends Exception {
    private static final long serialVersionUID = 1L;

    TransientFailure(String message) {
        super(message);
    }

    TransientFailure(String message, Throwable cause) {
        super(message, cause);
    }
}
