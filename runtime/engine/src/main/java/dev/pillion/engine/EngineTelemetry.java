package dev.pillion.engine;

import dev.pillion.memory.BlockAddress;
import dev.pillion.memory.BlockPool;
import dev.pillion.memory.CopyList;
import dev.pillion.metrics.Counter;
import dev.pillion.metrics.Distribution;
import dev.pillion.metrics.EngineMetrics;
import dev.pillion.metrics.Gauge;
import dev.pillion.scheduler.BatchPlan;
import dev.pillion.scheduler.LatencyBudget;
import dev.pillion.scheduler.Scheduler;
import dev.pillion.scheduler.Sequence;
import dev.pillion.scheduler.SequenceState;
import dev.pillion.spi.DeviceTelemetry;
import dev.pillion.spi.OperationCounters;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What the engine says about itself. Each method is something that happens; it goes into the metrics and, while
 * somebody records, into a flight recorder event. Engine thread only, but for the methods that say otherwise.
 */
final class EngineTelemetry {
    /** The time since the last token of a sample that has none yet. */
    static final long FIRST_TOKEN = -1;

    private final BlockPool pool;
    private final ComponentCounts components;
    private final MetricsRecorder metrics;
    private final StepPhases phases;
    private final LongSupplier clock;
    private final @Nullable LatencyBudget latencyBudget;
    private EngineEvents.@Nullable Step stepEvent;
    private long predictedNanos;
    private int peakBlocks;

    /**
     * Telemetry of one engine.
     *
     * @param scheduler keeps counters of its own
     * @param work the backend's counters
     * @param device what the device says of itself
     * @param phases where the time of a step goes
     * @param waiting number of waiting requests
     * @param clock the engine's, in nanoseconds
     */
    EngineTelemetry(
            Scheduler scheduler,
            OperationCounters work,
            DeviceTelemetry device,
            StepPhases phases,
            IntSupplier waiting,
            LongSupplier clock) {
        this.metrics = new MetricsRecorder(waiting, device);
        this.phases = phases;
        this.clock = clock;
        this.pool = scheduler.cache().pool();
        this.components = new ComponentCounts(scheduler, work);
        this.latencyBudget = scheduler.tokenBudget() instanceof LatencyBudget latency ? latency : null;
        metrics.begin();
        metrics.set(Gauge.KV_BLOCKS, pool.blocks());
        metrics.set(Gauge.KV_HOST_BLOCKS, scheduler.cache().hostPool().map(BlockPool::blocks).orElse(0));
        components.copyTo(metrics);
        metrics.end();
    }

    EngineMetrics metrics() {
        return metrics;
    }

    /** The weights are on the device. */
    void loaded(WeightLoading loading) {
        metrics.begin();
        metrics.set(Gauge.WEIGHTS, loading.totalBytes());
        metrics.set(Gauge.WEIGHTS_COPIED, loading.copiedBytes());
        metrics.set(Gauge.WEIGHTS_LOAD_TIME, loading.nanos());
        metrics.end();
    }

    /** Reading of the engine's clock, in nanoseconds. */
    long now() {
        return clock.getAsLong();
    }

    /** A request was taken. Any thread. */
    void submitted() {
        metrics.countFromAnyThread(Counter.REQUESTS_SUBMITTED);
    }

    /** A request found the queue full. Any thread. */
    void refusedQueueFull() {
        metrics.countFromAnyThread(Counter.REQUESTS_REFUSED_QUEUE_FULL);
    }

    /** A request can never be served. Any thread. */
    void refusedBadRequest() {
        metrics.countFromAnyThread(Counter.REQUESTS_REFUSED_BAD_REQUEST);
    }

    /** A request's first tokens were scheduled. */
    void admitted(long request, int promptTokens, int prefixHitTokens, long queueNanos) {
        metrics.begin();
        metrics.record(Distribution.QUEUE_TIME, queueNanos);
        metrics.record(Distribution.PROMPT_TOKENS, promptTokens);
        metrics.end();
        if (EngineEvents.mayRecord()) {
            EngineEvents.Admission event = new EngineEvents.Admission();
            event.request = request;
            event.promptTokens = promptTokens;
            event.prefixHitTokens = prefixHitTokens;
            event.queueTime = queueNanos;
            event.commit();
        }
    }

    /** A request's first token is there. */
    void firstToken(long sinceSubmittedNanos, long sinceScheduledNanos) {
        metrics.begin();
        metrics.record(Distribution.TIME_TO_FIRST_TOKEN, sinceSubmittedNanos);
        metrics.record(Distribution.PREFILL_TIME, sinceScheduledNanos);
        metrics.end();
    }

    /** A sample has a token, {@code gapNanos} after the one before, or {@link #FIRST_TOKEN}. */
    void token(long gapNanos) {
        metrics.begin();
        metrics.add(Counter.TOKENS_GENERATED, 1);
        if (gapNanos != FIRST_TOKEN) {
            metrics.record(Distribution.TIME_BETWEEN_TOKENS, gapNanos);
        }
        metrics.end();
    }

    /**
     * A request ended. From any thread if it is not complete.
     *
     * @param firstTokenNanos submission to first token; 0 if none came
     * @param totalNanos submission to now
     */
    void ended(
            long request,
            RequestOutcome outcome,
            int promptTokens,
            int generatedTokens,
            long firstTokenNanos,
            long totalNanos) {
        if (outcome.isComplete()) {
            metrics.begin();
            metrics.add(outcome.counter, 1);
            metrics.record(Distribution.TOTAL_TIME, totalNanos);
            metrics.record(Distribution.DECODE_TIME, totalNanos - firstTokenNanos);
            metrics.record(Distribution.GENERATED_TOKENS, generatedTokens);
            metrics.end();
        } else {
            metrics.countFromAnyThread(outcome.counter);
        }
        if (EngineEvents.mayRecord()) {
            EngineEvents.RequestEnd event = new EngineEvents.RequestEnd();
            event.request = request;
            event.reason = outcome.word();
            event.promptTokens = promptTokens;
            event.generatedTokens = generatedTokens;
            event.ttft = firstTokenNanos;
            event.totalTime = totalNanos;
            event.commit();
        }
    }

    /** A step is about to be planned. */
    void planning() {
        stepEvent = null;
        if (EngineEvents.mayRecord()) {
            EngineEvents.Step event = new EngineEvents.Step();
            if (event.isEnabled()) {
                event.begin();
                stepEvent = event;
            }
        }
    }

    /** A step was planned; it may be empty, and may have cost others their blocks all the same. */
    void planned(BatchPlan plan) {
        phases.planned(plan.plannedNanos());
        int used = pool.blocks() - pool.freeBlocks();
        if (used > peakBlocks) {
            peakBlocks = used;
            metrics.begin();
            metrics.set(Gauge.KV_BLOCKS_PEAK, used);
            metrics.end();
        }
        predictedNanos = latencyBudget == null
                ? 0
                : (long) latencyBudget.predictNanos(plan);
        for (int i = 0; i < plan.preemptedCount(); i++) {
            preempted(plan.preempted(i));
        }
    }

    private void preempted(Sequence sequence) {
        lost(sequence.lostTokens());
        if (EngineEvents.mayRecord()) {
            EngineEvents.Preemption event = new EngineEvents.Preemption();
            event.request = ((ActiveSample) sequence.owner()).request.id;
            event.tokensLost = sequence.lostTokens();
            event.commit();
        }
    }

    private void lost(int tokens) {
        metrics.begin();
        metrics.add(Counter.TOKENS_LOST, tokens);
        metrics.end();
    }

    /**
     * A step was committed.
     *
     * @param plan what it computed
     * @param backendNanos time the backend took
     */
    void committed(BatchPlan plan, long backendNanos) {
        long stepNanos = now() - plan.plannedNanos();
        metrics.begin();
        metrics.record(Distribution.STEP_TIME, stepNanos);
        metrics.record(Distribution.STEP_HOST_TIME, stepNanos - backendNanos);
        recordPhases(stepNanos);
        metrics.record(Distribution.STEP_PREFILL_TOKENS, plan.prefillTokens());
        metrics.record(Distribution.STEP_DECODE_TOKENS, plan.decodeTokens());
        metrics.set(Gauge.STEP_BUDGET, plan.budgetTokens());
        metrics.set(Gauge.STEP_PREDICTED_TIME, predictedNanos);
        countCopies(plan.copies());
        components.copyTo(metrics);
        metrics.end();
        EngineEvents.Step event = stepEvent;
        if (event != null) {
            event.end();
            event.step = plan.step();
            event.segments = plan.size();
            event.prefillTokens = plan.prefillTokens();
            event.decodeTokens = plan.decodeTokens();
            event.budgetTokens = plan.budgetTokens();
            event.kvBlocksFree = pool.freeBlocks();
            event.predictedTime = predictedNanos;
            event.planTime = phases.planNanos();
            event.fillTime = phases.fillNanos();
            event.enqueueTime = phases.enqueueNanos();
            event.waitTime = phases.waitNanos();
            event.commit();
            stepEvent = null;
        }
    }

    private void recordPhases(long stepNanos) {
        metrics.record(Distribution.STEP_PLAN_TIME, phases.planNanos());
        metrics.record(Distribution.STEP_FILL_TIME, phases.fillNanos());
        metrics.record(Distribution.STEP_ENQUEUE_TIME, phases.enqueueNanos());
        metrics.record(Distribution.STEP_WAIT_TIME, phases.waitNanos());
        metrics.record(Distribution.STEP_COMMIT_TIME, stepNanos - phases.nanos());
    }

    /** A step failed and was taken back. */
    void failed(BatchPlan plan, RuntimeException failure, int failuresInARow) {
        for (int i = 0; i < plan.size(); i++) {
            // Sent back to the queue because its copies may not have been made; what it had is gone with its blocks.
            if (plan.sequence(i).state() == SequenceState.PREEMPTED) {
                lost(plan.sequence(i).lostTokens());
            }
        }
        turnEnded();
        if (EngineEvents.mayRecord()) {
            EngineEvents.StepFailure event = new EngineEvents.StepFailure();
            event.step = plan.step();
            event.segments = plan.size();
            event.tokens = plan.tokens();
            event.failuresInARow = failuresInARow;
            event.failure = failure.toString();
            event.commit();
        }
    }

    private void countCopies(CopyList copies) {
        for (int i = 0; i < copies.size(); i++) {
            if (copies.targetPool(i) == BlockAddress.HOST_POOL) {
                metrics.add(Counter.KV_OFFLOADED_BLOCKS, 1);
            } else if (copies.sourcePool(i) == BlockAddress.HOST_POOL) {
                metrics.add(Counter.KV_FETCHED_BLOCKS, 1);
            } else {
                metrics.add(Counter.KV_COPIED_BLOCKS, 1);
            }
        }
    }

    /** A turn of the engine is over, with or without a step. */
    void turnEnded() {
        metrics.begin();
        components.copyTo(metrics);
        metrics.end();
    }

    /** No turn follows: every request has ended and nothing is held. */
    void closed() {
        metrics.begin();
        components.releaseAll(metrics);
        metrics.end();
    }
}
