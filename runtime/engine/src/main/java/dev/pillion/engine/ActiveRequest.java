package dev.pillion.engine;

import dev.pillion.GeneratedToken;
import dev.pillion.GenerationRequest;
import dev.pillion.GenerationResult;
import dev.pillion.PillionException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A request from submission to its end. Belongs to the engine thread once it is in the inbox. */
final class ActiveRequest {
    private static final long NOT_YET = Long.MIN_VALUE;

    final long id;
    final GenerationRequest request;
    final StreamedGeneration generation;
    final List<ActiveSample> samples = new ArrayList<>();
    private final int promptTokens;
    private final long seed;
    private final long submittedNanos;
    private final EngineTelemetry telemetry;
    private int openSamples;
    private int cachedTokens;
    private long scheduledNanos = NOT_YET;
    private long firstTokenNanos = NOT_YET;
    private boolean ended;

    /**
     * Creates the state of a request; its samples are added by {@link #add}.
     *
     * @param id number within the engine
     * @param request what the caller asked for
     * @param generation the caller's end
     * @param promptTokens tokens of the prompt
     * @param seed the seed it samples with
     * @param submittedNanos when, on the engine's clock
     * @param telemetry hears what becomes of it
     */
    ActiveRequest(
            long id,
            GenerationRequest request,
            StreamedGeneration generation,
            int promptTokens,
            long seed,
            long submittedNanos,
            EngineTelemetry telemetry) {
        this.id = id;
        this.request = request;
        this.generation = generation;
        this.promptTokens = promptTokens;
        this.seed = seed;
        this.submittedNanos = submittedNanos;
        this.telemetry = telemetry;
    }

    void add(ActiveSample sample) {
        samples.add(sample);
        openSamples++;
    }

    /** Whether the caller has been told the outcome. */
    boolean isEnded() {
        return ended;
    }

    /** Whether its first token has been scheduled. */
    boolean wasScheduled() {
        return scheduledNanos != NOT_YET;
    }

    void scheduled(long nanos, int cached) {
        scheduledNanos = nanos;
        cachedTokens = cached;
        telemetry.admitted(id, promptTokens, cached, nanos - submittedNanos);
    }

    /** Hands a token to the reader, and the result once it was the last of the last sample. */
    void deliver(ActiveSample sample, GeneratedToken token, long nanos) {
        if (firstTokenNanos == NOT_YET) {
            firstTokenNanos = nanos;
            telemetry.firstToken(nanos - submittedNanos, nanos - scheduledNanos);
        }
        telemetry.token(sample.handOver(nanos));
        generation.deliver(token);
        if (sample.isFinished() && --openSamples == 0) {
            finish(samples.getFirst().finishReason().map(RequestOutcome::of).orElseThrow(), nanos);
        }
    }

    /** Ends all samples that have not ended. */
    void cancel(long nanos) {
        samples.forEach(ActiveSample::cancel);
        finish(RequestOutcome.CANCELLED, nanos);
    }

    void fail(PillionException failure) {
        if (!ended) {
            end(RequestOutcome.FAILED, telemetry.now());
            generation.fail(failure);
        }
    }

    private void finish(RequestOutcome outcome, long nanos) {
        if (!ended) {
            end(outcome, nanos);
            generation.finish(result(nanos));
        }
    }

    private void end(RequestOutcome outcome, long nanos) {
        ended = true;
        int generated = samples.stream().mapToInt(ActiveSample::tokenCount).sum();
        long firstToken = firstTokenNanos == NOT_YET ? 0 : firstTokenNanos - submittedNanos;
        telemetry.ended(id, outcome, promptTokens, generated, firstToken, nanos - submittedNanos);
    }

    private GenerationResult result(long nanos) {
        return new GenerationResult(
                samples.stream().map(ActiveSample::completion).toList(),
                promptTokens,
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
