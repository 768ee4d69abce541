package dev.pillion.engine;

import dev.pillion.Generation;
import dev.pillion.GenerationRequest;
import dev.pillion.GenerationResult;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** A request from submission to its end. All but the cancel flag belongs to the engine thread. */
final class ActiveRequest {
    private static final long NOT_YET = Long.MIN_VALUE;

    final long id;
    final GenerationRequest request;
    final int[] prompt;
    final long submittedNanos;
    final long seed;
    private final AtomicBoolean cancelled = new AtomicBoolean();
    private @Nullable Generation generation;
    private List<ActiveSample> samples = List.of();
    private int cachedTokens;
    private long scheduledNanos = NOT_YET;
    private long firstTokenNanos = NOT_YET;

    /**
     * Creates the state of a request.
     *
     * @param id number within the engine
     * @param request what the caller asked for
     * @param prompt its token ids
     * @param seed the seed it samples with
     * @param submittedNanos when, on the engine's clock
     */
    ActiveRequest(long id, GenerationRequest request, int[] prompt, long seed, long submittedNanos) {
        this.id = id;
        this.request = request;
        this.prompt = prompt;
        this.seed = seed;
        this.submittedNanos = submittedNanos;
    }

    void bind(Generation generation, List<ActiveSample> samples) {
        this.generation = generation;
        this.samples = samples;
    }

    /** What the caller holds. */
    Generation generation() {
        if (generation == null) {
            throw new IllegalStateException("request " + id + " has no generation yet");
        }
        return generation;
    }

    List<ActiveSample> samples() {
        return samples;
    }

    /** Marks the request as unwanted; any thread. */
    void requestCancel() {
        cancelled.set(true);
    }

    boolean cancelRequested() {
        return cancelled.get();
    }

    boolean isFinished() {
        for (ActiveSample sample : samples) {
            if (!sample.isFinished()) {
                return false;
            }
        }
        return true;
    }

    void scheduled(long nanos, int cached) {
        if (scheduledNanos == NOT_YET) {
            scheduledNanos = nanos;
            cachedTokens = cached;
        }
    }

    void producedToken(long nanos) {
        if (firstTokenNanos == NOT_YET) {
            firstTokenNanos = nanos;
        }
    }

    /** What the caller gets, with the times as of {@code nanos}. */
    GenerationResult result(long nanos) {
        return new GenerationResult(
                samples.stream().map(ActiveSample::completion).toList(),
                prompt.length,
                cachedTokens,
                seed,
                new GenerationResult.Timing(
                        since(scheduledNanos, nanos), since(firstTokenNanos, nanos), since(nanos, nanos)));
    }

    /** A time that never came counts as the end. */
    private Duration since(long then, long nanos) {
        return Duration.ofNanos((then == NOT_YET ? nanos : then) - submittedNanos);
    }
}
