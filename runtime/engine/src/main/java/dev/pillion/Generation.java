package dev.pillion;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * A request under way: a stream of tokens, a result, a way to cancel.
 *
 * <p>Tokens wait here until they are read, so a reader takes its time without holding up the engine; a request's own token
 * limit bounds what can pile up. Tokens are delivered once: read them by iterating, by {@link #next()}, or through a
 * listener given at submission, not by two of these. {@link #result()} needs no reader.
 *
 * <p>Closing cancels a generation that has not ended, so a try-with-resources block never leaves one running.
 */
public interface Generation extends Iterable<GeneratedToken>, AutoCloseable {
    /** Number of the request within its engine, for logs. */
    long id();

    /**
     * Waits for the next token. Iterating does the same; the iterator's {@code hasNext} waits.
     *
     * @return the token, or empty when the generation has ended and every token has been read
     * @throws PillionException if the generation failed
     */
    Optional<GeneratedToken> next();

    /**
     * Waits for the end.
     *
     * @return the result; of a cancelled generation, what there was by then
     * @throws PillionException if the generation failed
     */
    GenerationResult result();

    /** The result as a future, completed on a virtual thread; completing or cancelling it has no effect here. */
    CompletableFuture<GenerationResult> future();

    /** Whether the generation has ended, in whatever way. */
    boolean isDone();

    /** Ends the generation; its KV blocks are free within one step. Does nothing once it has ended. */
    void cancel();

    /** Cancels the generation unless it has ended. */
    @Override
    void close();
}
