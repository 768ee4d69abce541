package dev.pillion;

import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A request under way: a stream of tokens, a result, a way to cancel.
 *
 * <p>Tokens wait here until they are read, so a reader takes its time without holding up the engine; a request's own token
 * limit bounds what can pile up. Tokens are delivered once: read them by iterating, by {@link #next()}, or through a
 * listener given at submission, not by two of these. {@link #result()} needs no reader.
 *
 * <p>Closing cancels a generation that has not ended, so a try-with-resources block never leaves one running.
 */
public final class Generation implements Iterable<GeneratedToken>, AutoCloseable {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ArrayDeque<GeneratedToken> tokens = new ArrayDeque<>();
    private final CompletableFuture<GenerationResult> result = new CompletableFuture<>();
    private final Runnable onCancel;
    private final long id;
    private boolean ended;

    Generation(long id, Runnable onCancel) {
        this.id = id;
        this.onCancel = onCancel;
    }

    /** Number of the request within its engine, for logs. */
    public long id() {
        return id;
    }

    /**
     * Waits for the next token.
     *
     * @return the token, or empty when the generation has ended and every token has been read
     * @throws PillionException if the generation failed
     */
    public Optional<GeneratedToken> next() {
        lock.lock();
        try {
            while (tokens.isEmpty() && !ended) {
                changed.awaitUninterruptibly();
            }
            GeneratedToken token = tokens.poll();
            if (token != null) {
                return Optional.of(token);
            }
        } finally {
            lock.unlock();
        }
        if (result.isCompletedExceptionally()) {
            result();
        }
        return Optional.empty();
    }

    /**
     * Tokens as they come; {@code hasNext} waits. The iterator throws the {@link PillionException} that ended a failed
     * generation.
     */
    @Override
    public Iterator<GeneratedToken> iterator() {
        return new Iterator<>() {
            private @Nullable GeneratedToken ahead;

            @Override
            public boolean hasNext() {
                if (ahead == null) {
                    ahead = Generation.this.next().orElse(null);
                }
                return ahead != null;
            }

            @Override
            public GeneratedToken next() {
                if (!hasNext() || ahead == null) {
                    throw new NoSuchElementException("the generation has ended");
                }
                GeneratedToken token = ahead;
                ahead = null;
                return token;
            }
        };
    }

    /**
     * Waits for the end.
     *
     * @return the result; of a cancelled generation, what there was by then
     * @throws PillionException if the generation failed
     */
    public GenerationResult result() {
        try {
            return result.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof PillionException failure) {
                throw new PillionException(failure.code(), failure.getMessage(), failure);
            }
            throw e;
        }
    }

    /** The result as a future, completed on a virtual thread; completing or cancelling it has no effect here. */
    public CompletableFuture<GenerationResult> future() {
        return result.thenApplyAsync(Function.identity(), task -> Thread.ofVirtual().start(task));
    }

    /** Whether the generation has ended, in whatever way. */
    public boolean isDone() {
        return result.isDone();
    }

    /** Ends the generation; its KV blocks are free within one step. Does nothing once it has ended. */
    public void cancel() {
        if (!isDone()) {
            onCancel.run();
        }
    }

    /** Cancels the generation unless it has ended. */
    @Override
    public void close() {
        cancel();
    }

    void deliver(GeneratedToken token) {
        lock.lock();
        try {
            tokens.add(token);
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    void finish(GenerationResult value) {
        result.complete(value);
        end();
    }

    void fail(PillionException failure) {
        result.completeExceptionally(failure);
        end();
    }

    /** After the result is set, so that a reader who sees the end also sees how it ended. */
    private void end() {
        lock.lock();
        try {
            ended = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
