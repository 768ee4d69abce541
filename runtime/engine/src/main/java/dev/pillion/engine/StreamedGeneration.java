package dev.pillion.engine;

import dev.pillion.GeneratedToken;
import dev.pillion.Generation;
import dev.pillion.GenerationResult;
import dev.pillion.PillionException;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The caller's end of a request: the engine thread puts tokens and the outcome in, readers take them out. Tokens queue
 * without a bound of their own; the request's token limit is one.
 */
final class StreamedGeneration implements Generation {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ArrayDeque<GeneratedToken> tokens = new ArrayDeque<>();
    private final CompletableFuture<GenerationResult> result = new CompletableFuture<>();
    private final Runnable onCancel;
    private final long id;
    private boolean ended;

    StreamedGeneration(long id, Runnable onCancel) {
        this.id = id;
        this.onCancel = onCancel;
    }

    @Override
    public long id() {
        return id;
    }

    @Override
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

    @Override
    public Iterator<GeneratedToken> iterator() {
        return new Iterator<>() {
            private @Nullable GeneratedToken ahead;

            @Override
            public boolean hasNext() {
                if (ahead == null) {
                    ahead = StreamedGeneration.this.next().orElse(null);
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

    @Override
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

    @Override
    public CompletableFuture<GenerationResult> future() {
        // Not thenApplyAsync: that passes a failure on in the thread it happens in, the engine's.
        return result.handleAsync(StreamedGeneration::outcome, task -> Thread.ofVirtual().start(task));
    }

    private static GenerationResult outcome(@Nullable GenerationResult value, @Nullable Throwable failure) {
        if (value == null) {
            throw new CompletionException(failure);
        }
        return value;
    }

    @Override
    public boolean isDone() {
        return result.isDone();
    }

    @Override
    public void cancel() {
        if (!isDone()) {
            onCancel.run();
        }
    }

    @Override
    public void close() {
        cancel();
    }

    /** Runs an action of the engine's own once the outcome is there, on the thread that sets it. */
    void whenEnded(Runnable action) {
        result.whenComplete((value, failure) -> action.run());
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
