package dev.pillion.engine;

import dev.pillion.scheduler.BatchPlan;
import dev.pillion.scheduler.Scheduler;
import dev.pillion.scheduler.Sequence;
import dev.pillion.spi.DeviceLostException;
import java.util.function.LongSupplier;

/**
 * Carries out planned steps: runs the batch, samples, commits. A step the backend fails is taken back, to be planned
 * again; a backend that keeps failing is not asked again. Engine thread only.
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
    private int failedSteps;

    /**
     * Execution of one engine's steps.
     *
     * @param scheduler makes the plans
     * @param runner runs them on the backend
     * @param sampling turns logits into tokens
     * @param open hears which requests were scheduled and which ended
     * @param telemetry hears what became of each step
     * @param clock the engine's, in nanoseconds
     */
    StepExecution(
            Scheduler scheduler,
            StepRunner runner,
            TokenSampling sampling,
            OpenRequests open,
            EngineTelemetry telemetry,
            LongSupplier clock) {
        this.scheduler = scheduler;
        this.runner = runner;
        this.sampling = sampling;
        this.open = open;
        this.telemetry = telemetry;
        this.clock = clock;
    }

    /**
     * Carries out a plan.
     *
     * @return whether it was committed; if not, it was taken back
     * @throws RuntimeException if the backend failed too often in a row
     */
    boolean carryOut(BatchPlan batch) {
        long start = clock.getAsLong();
        noteFirstScheduled(batch, start);
        try {
            runner.run(batch);
        } catch (RuntimeException e) {
            scheduler.rollback(batch);
            telemetry.failed(batch, e, ++failedSteps);
            retryOrGiveUp(e);
            return false;
        }
        failedSteps = 0;
        long backendNanos = clock.getAsLong() - start;
        sampling.sample(batch);
        scheduler.commit(batch, sampling.tokens(), sampling.ends());
        scheduler.observe(batch, backendNanos);
        forgetEnded(batch);
        telemetry.committed(batch, backendNanos);
        return true;
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

    private void retryOrGiveUp(RuntimeException failure) {
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
