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
    private final LongSupplier clock;
    private final @Nullable LatencyBudget latencyBudget;
    private EngineEvents.@Nullable Step stepEvent;
    private long lastCommitNanos = Long.MIN_VALUE;
    private int peakBlocks;

    /**
     * Telemetry of one engine.
     *
     * @param scheduler keeps counters of its own
     * @param work the backend's counters
     * @param device what the device says of itself
     * @param waiting number of waiting requests
     * @param clock the engine's, in nanoseconds
     */
    EngineTelemetry(
            Scheduler scheduler,
            OperationCounters work,
            DeviceTelemetry device,
            IntSupplier waiting,
            LongSupplier clock) {
        this.metrics = new MetricsRecorder(waiting, device);
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
    void planned(RunningStep step) {
        BatchPlan plan = step.plan();
        step.event = stepEvent;
        step.phases.planned(plan.plannedNanos());
        int used = pool.blocks() - pool.freeBlocks();
        if (used > peakBlocks) {
            peakBlocks = used;
            metrics.begin();
            metrics.set(Gauge.KV_BLOCKS_PEAK, used);
            metrics.end();
        }
        step.predictedNanos = latencyBudget == null
                ? 0
                : (long) latencyBudget.predictNanos(plan);
        for (int i = 0; i < plan.preemptedCount(); i++) {
            preempted(plan.preempted(i));
        }
    }

    private static void preempted(Sequence sequence) {
        if (EngineEvents.mayRecord()) {
            EngineEvents.Preemption event = new EngineEvents.Preemption();
            event.request = ((ActiveSample) sequence.owner()).request.id;
            event.tokensLost = sequence.lostTokens();
            event.commit();
        }
    }

    /** The engine found a reason not to plan a step while another ran. */
    void notPlannedAhead(Counter obstacle) {
        metrics.begin();
        metrics.add(obstacle, 1);
        metrics.end();
    }

    /**
     * A step was committed. The host's work before it is hidden if another step ran meanwhile, the work after it if another
     * follows; the rest the device waited for.
     *
     * @param step what was carried out
     * @param endNanos when the backend was done with it
     * @param followed whether a step was started behind it
     */
    void committed(RunningStep step, long endNanos, boolean followed) {
        BatchPlan plan = step.plan();
        long now = now();
        long before = step.startNanos - plan.plannedNanos();
        long after = now - endNanos;
        long hidden = (step.ahead ? step.submittedNanos - plan.plannedNanos() : 0) + (followed ? after : 0);
        long begin = step.ahead ? Math.max(plan.plannedNanos(), lastCommitNanos) : plan.plannedNanos();
        long waited = step.ahead ? endNanos - Math.max(step.submittedNanos, lastCommitNanos) : step.phases.waitNanos();
        lastCommitNanos = now;
        metrics.begin();
        metrics.record(Distribution.STEP_TIME, now - begin);
        metrics.record(Distribution.STEP_HOST_TIME, (step.ahead ? 0 : before) + (followed ? 0 : after));
        metrics.add(Counter.AHEAD_HIDDEN_TIME, hidden);
        recordPhases(step.phases, waited, step.ahead ? after : now - begin - step.phases.nanos());
        metrics.record(Distribution.STEP_PREFILL_TOKENS, plan.prefillTokens());
        metrics.record(Distribution.STEP_DECODE_TOKENS, plan.decodeTokens());
        metrics.set(Gauge.STEP_BUDGET, plan.budgetTokens());
        metrics.set(Gauge.STEP_PREDICTED_TIME, step.predictedNanos);
        countCopies(plan.copies());
        components.copyTo(metrics);
        metrics.end();
        EngineEvents.Step event = step.event;
        if (event != null) {
            event.end();
            event.step = plan.step();
            event.segments = plan.size();
            event.prefillTokens = plan.prefillTokens();
            event.decodeTokens = plan.decodeTokens();
            event.budgetTokens = plan.budgetTokens();
            event.kvBlocksFree = pool.freeBlocks();
            event.predictedTime = step.predictedNanos;
            event.planTime = step.phases.planNanos();
            event.fillTime = step.phases.fillNanos();
            event.enqueueTime = step.phases.enqueueNanos();
            event.waitTime = waited;
            event.commit();
            step.event = null;
        }
    }

    private void recordPhases(StepPhases phases, long waitNanos, long commitNanos) {
        metrics.record(Distribution.STEP_PLAN_TIME, phases.planNanos());
        metrics.record(Distribution.STEP_FILL_TIME, phases.fillNanos());
        metrics.record(Distribution.STEP_ENQUEUE_TIME, phases.enqueueNanos());
        metrics.record(Distribution.STEP_WAIT_TIME, waitNanos);
        metrics.record(Distribution.STEP_COMMIT_TIME, commitNanos);
    }

    /** A step failed and was taken back. */
    void failed(BatchPlan plan, RuntimeException failure, int failuresInARow) {
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
