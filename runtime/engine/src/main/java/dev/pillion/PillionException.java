package dev.pillion;

/**
 * Something a caller can act on went wrong. The message names what, where and the remedy; the {@link Code} is for
 * programs.
 *
 * <p>A model file that cannot be used ends in {@link dev.pillion.model.ModelFormatException} instead.
 */
public final class PillionException extends RuntimeException {
    /** What kind of thing went wrong. */
    public enum Code {
        /** The request can never be served as it is: too long, a bad parameter, an unknown token id. */
        BAD_REQUEST,
        /** The queue is full; the same request may be accepted later. */
        QUEUE_FULL,
        /** This request failed while it ran; others are not affected. */
        REQUEST_FAILED,
        /** The engine has been closed. */
        CLOSED,
        /** The engine failed and serves no more requests. */
        ENGINE_FAILED,
        /** No backend can serve as asked. */
        NO_BACKEND,
        /** Not enough memory for the model or its KV cache. */
        OUT_OF_MEMORY
    }

    private static final long serialVersionUID = 1L;

    private final Code code;

    /**
     * Creates an exception.
     *
     * @param code what kind of thing went wrong
     * @param message what, where and the remedy
     */
    public PillionException(Code code, String message) {
        super(message);
        this.code = code;
    }

    /**
     * Creates an exception with a cause.
     *
     * @param code what kind of thing went wrong
     * @param message what, where and the remedy
     * @param cause what led to it
     */
    public PillionException(Code code, String message, Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    /** What kind of thing went wrong. */
    public Code code() {
        return code;
    }
}
