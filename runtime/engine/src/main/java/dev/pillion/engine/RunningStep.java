package dev.pillion.engine;

import dev.pillion.scheduler.BatchPlan;
import java.util.Objects;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** A planned step on its way through the backend. Two of these take turns; nothing is allocated for a step. */
final class RunningStep {
    /** Row of logits of each segment that wants them. */
    final int[] rowOfSegment;
    /** Where its time goes. */
    final StepPhases phases;

    private @Nullable BatchPlan plan;
    /** Whether it was planned while the step before it ran. */
    boolean ahead;
    /** Whether the host will sample some of its rows. */
    boolean hostSamples;
    /** Whether how a token after it is chosen depends on which tokens it gives. */
    boolean tokensNeeded;
    /** When it was handed to the backend, and when that had taken it. */
    long startNanos;

    long submittedNanos;
    /** Backend time it is predicted to take; 0 if nobody predicts. */
    long predictedNanos;

    EngineEvents.@Nullable Step event;

    RunningStep(int segments, LongSupplier clock) {
        phases = new StepPhases(clock);
        rowOfSegment = new int[segments];
    }

    /** Begins with a plan. */
    void begin(BatchPlan value, boolean plannedAhead) {
        plan = value;
        ahead = plannedAhead;
        hostSamples = false;
        tokensNeeded = false;
        submittedNanos = 0;
    }

    /** What it computes. */
    BatchPlan plan() {
        return Objects.requireNonNull(plan, "no step was begun");
    }
}
