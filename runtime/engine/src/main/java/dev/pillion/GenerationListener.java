package dev.pillion;

/**
 * Receives a generation as it happens. Calls come one at a time from a virtual thread of the generation's own, never from
 * the engine's, so a slow listener holds up nobody else. After {@link #onFinish} or {@link #onError} no call follows. An
 * exception thrown by a listener cancels its generation.
 */
public interface GenerationListener {
    /** A token was generated. */
    void onToken(GeneratedToken token);

    /** The generation ended: by itself, by a limit, or by cancellation. */
    default void onFinish(GenerationResult result) {}

    /** The generation failed. */
    default void onError(PillionException error) {}
}
