package dev.pillion.engine;

import dev.pillion.metrics.Counter;
import dev.pillion.scheduler.BatchPlan;
import dev.pillion.scheduler.PlannedAhead;
import dev.pillion.scheduler.Scheduler;
import dev.pillion.scheduler.Sequence;
import dev.pillion.spi.DeviceLostException;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Carries out planned steps: starts them on the backend, samples, commits. While one runs, the next is planned and
 * started behind it where that can be, so that the device goes from one to the other without waiting for the host.
 *
 * <p>A step the backend fails is taken back, and with it one that was started behind it; both are planned again. A
 * backend that keeps failing is not asked again. Engine thread only.
 */
final class StepExecution {
    private static final System.Logger LOG = System.getLogger(StepExecution.class.getName());
    private static final int FAILED_STEPS_IN_A_ROW = 3;

    private final Scheduler scheduler;
    private final StepRunner runner;
    private final TokenSampling sampling;
    private final OpenRequests open;
    private final EngineTelemetry telemetry;
    private final LongSupplier clock;
    private final boolean mayPlanAhead;
    /** The step that runs, of two the older one; and the other one. */
    private RunningStep step;

    private RunningStep next;
    private int failedSteps;
    /** Whether the next step has to run alone, since the host must find its logits. */
    private boolean alone;

    private long lastEndNanos = Long.MIN_VALUE;

    /**
     * Execution of one engine's steps.
     *
     * @param scheduler makes the plans
     * @param runner runs them on the backend
     * @param sampling turns logits into tokens
     * @param open hears which requests were scheduled and which ended
     * @param telemetry hears what became of each step
     * @param clock the engine's, in nanoseconds
     * @param planAhead whether to plan a step while another runs, where the backend overlaps them
     */
    StepExecution(
            Scheduler scheduler,
            StepRunner runner,
            TokenSampling sampling,
            OpenRequests open,
            EngineTelemetry telemetry,
            LongSupplier clock,
            boolean planAhead) {
        this.scheduler = scheduler;
        this.runner = runner;
        this.sampling = sampling;
        this.open = open;
        this.telemetry = telemetry;
        this.clock = clock;
        this.mayPlanAhead = planAhead && runner.overlaps();
        this.step = new RunningStep(scheduler.config().maxSequences(), clock);
        this.next = new RunningStep(scheduler.config().maxSequences(), clock);
    }

    /**
     * Plans a step; none runs.
     *
     * @return whether there is anything to do, which {@link #start} then begins
     */
    boolean plan() {
        telemetry.planning();
        BatchPlan plan = scheduler.plan(clock.getAsLong());
        step.begin(plan, false);
        telemetry.planned(step);
        return !plan.isEmpty();
    }

    /**
     * Starts the step that was planned.
     *
     * @throws RuntimeException if the backend failed too often in a row
     */
    void start() {
        start(step, next);
    }

    /** Plans the step behind the running one and starts it, where that can be. */
    void startAhead(boolean logitsAwaited) {
        if (!mayPlanAhead) {
            return;
        }
        Counter obstacle = obstacle(logitsAwaited);
        if (obstacle != null) {
            telemetry.notPlannedAhead(obstacle);
            return;
        }
        telemetry.planning();
        if (scheduler.planAhead(clock.getAsLong()) instanceof PlannedAhead.Planned(BatchPlan plan)) {
            next.begin(plan, true);
            telemetry.planned(next);
            start(next, step);
        }
    }

    /** What of the engine's own stands in the way of planning ahead. */
    private @Nullable Counter obstacle(boolean logitsAwaited) {
        if (logitsAwaited) {
            return Counter.AHEAD_NOT_LOGITS;
        } else if (alone) {
            return Counter.AHEAD_NOT_AGAIN;
        } else if (step.hostSamples) {
            return Counter.AHEAD_NOT_HOST_SAMPLING;
        }
        return step.tokensNeeded ? Counter.AHEAD_NOT_PENALTIES : null;
    }

    private void start(RunningStep starting, RunningStep before) {
        starting.startNanos = clock.getAsLong();
        noteFirstScheduled(starting.plan(), starting.startNanos);
        try {
            runner.start(starting, before);
            starting.submittedNanos = clock.getAsLong();
        } catch (RuntimeException e) {
            takeBack(starting.plan(), e);
        }
    }

    /** The plan of the running step. */
    BatchPlan runningPlan() {
        return step.plan();
    }

    /** Whether a step is planned and not yet committed or taken back. */
    boolean isRunning() {
        return scheduler.isInFlight();
    }

    /**
     * Waits for the running step and commits it.
     *
     * @return whether it was committed; if not, it was taken back
     * @throws RuntimeException if the backend failed too often in a row
     */
    boolean endStep() {
        BatchPlan plan = step.plan();
        try {
            runner.await(step);
        } catch (RuntimeException e) {
            takeBack(plan, e);
            return false;
        }
        long endNanos = clock.getAsLong();
        failedSteps = 0;
        boolean followed = scheduler.plansInFlight() > 1;
        if (followed && sampling.needsLogits(step)) {
            runAgainAlone(plan);
            return false;
        }
        alone = false;
        sampling.sample(step);
        scheduler.commit(plan, sampling.tokens(), sampling.ends());
        long backendNanos = endNanos - Math.max(step.startNanos, lastEndNanos);
        lastEndNanos = endNanos;
        scheduler.observe(plan, backendNanos);
        forgetEnded(plan);
        telemetry.committed(step, endNanos, followed);
        if (followed) {
            RunningStep committed = step;
            step = next;
            next = committed;
        }
        return true;
    }

    /** The device left a row to the host, and the step behind may have overwritten the logits by now. */
    private void runAgainAlone(BatchPlan plan) {
        runner.giveUp();
        scheduler.withdraw(plan);
        alone = true;
    }

    /** Gives up what runs; no step follows. */
    void giveUp() {
        runner.giveUp();
    }

    private void noteFirstScheduled(BatchPlan batch, long nanos) {
        for (int i = 0; i < batch.size(); i++) {
            Sequence sequence = batch.sequence(i);
            ActiveRequest request = ((ActiveSample) sequence.owner()).request;
            if (!request.wasScheduled()) {
                request.scheduled(nanos, sequence.prefixHitTokens());
                open.leaveQueue();
            }
        }
    }

    private void takeBack(BatchPlan failed, RuntimeException failure) {
        scheduler.rollback(failed);
        telemetry.failed(failed, failure, ++failedSteps);
        if (failedSteps >= FAILED_STEPS_IN_A_ROW || failure instanceof DeviceLostException) {
            throw failure;
        }
        LOG.log(System.Logger.Level.WARNING, "a step failed and is tried again: " + failure);
    }

    private void forgetEnded(BatchPlan batch) {
        for (int i = 0; i < batch.size(); i++) {
            ActiveRequest request = ((ActiveSample) batch.sequence(i).owner()).request;
            if (request.isEnded()) {
                open.remove(request);
            }
        }
    }
}
