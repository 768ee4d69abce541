package dev.pillion.engine;

import dev.pillion.GeneratedToken;
import dev.pillion.PillionException;
import dev.pillion.sampling.SamplerScratch;
import dev.pillion.scheduler.BatchPlan;
import dev.pillion.scheduler.FinishReason;
import dev.pillion.scheduler.Scheduler;
import dev.pillion.scheduler.Sequence;
import dev.pillion.spi.DeviceSampling;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Turns a step's logits into tokens: one for each segment that reached the end of its known tokens, and, where that end is
 * the end of a prompt with several samples, one for each sample. A request whose tokens cannot be sampled fails alone.
 */
final class TokenSampling {
    private static final System.Logger LOG = System.getLogger(TokenSampling.class.getName());

    private static final float[] NOT_FETCHED = {};

    private final Scheduler scheduler;
    private final StepRunner runner;
    private final LongSupplier clock;
    private final SamplerScratch scratch;
    private final int[] tokens;
    private final boolean[] ends;

    TokenSampling(Scheduler scheduler, StepRunner runner, int vocabularySize, int maxSequences, LongSupplier clock) {
        this.scheduler = scheduler;
        this.runner = runner;
        this.clock = clock;
        this.scratch = new SamplerScratch(vocabularySize);
        this.tokens = new int[maxSequences];
        this.ends = new boolean[maxSequences];
    }

    /** Samples for every row of logits of a step that has run, and hands the tokens to their readers. */
    void sample(RunningStep step) {
        BatchPlan plan = step.plan();
        int row = 0;
        for (int i = 0; i < plan.size(); i++) {
            if (plan.wantsLogits(i)) {
                sampleRow(plan.sequence(i), step.rowOfSegment[i], row);
                row++;
            }
        }
    }

    /** Whether the host has to sample a row of a step that has run, for which it must still find the logits there. */
    boolean needsLogits(RunningStep step) {
        BatchPlan plan = step.plan();
        for (int i = 0; i < plan.size(); i++) {
            if (plan.wantsLogits(i)
                    && !plan.sequence(i).isFinished()
                    && sampledOnDevice(step.rowOfSegment[i]).isEmpty()) {
                return true;
            }
        }
        return false;
    }

    /** One token for each row of logits, in segment order. */
    int[] tokens() {
        return tokens;
    }

    /** Whether that token ends its sequence. */
    boolean[] ends() {
        return ends;
    }

    /** Takes all of a request's sequences out of the scheduler. */
    void abort(ActiveRequest request) {
        for (ActiveSample sample : request.samples) {
            sample.sequence().ifPresent(scheduler::abort);
        }
    }

    /**
     * Samples a row.
     *
     * @param logitRow row of logits in the batch
     * @param row its number in segment order
     */
    private void sampleRow(Sequence sequence, int logitRow, int row) {
        ActiveSample sample = (ActiveSample) sequence.owner();
        ActiveRequest request = sample.request;
        tokens[row] = 0;
        ends[row] = true;
        if (request.isEnded() || sequence.isFinished()) {
            // Another sample of it failed at an earlier row, or its last token came while this step was planned ahead.
            return;
        }
        try {
            Optional<DeviceSampling> device = sampledOnDevice(logitRow);
            // Several samples of one prompt draw from the same row; the device leaves such rows to the host.
            float[] logits = device.isPresent() ? NOT_FETCHED : runner.logits(logitRow);
            GeneratedToken token = device.isPresent()
                    ? sample.next(device.get(), logitRow)
                    : sample.next(logits, scratch);
            tokens[row] = token.id();
            ends[row] = sample.isFinished();
            request.deliver(sample, token, clock.getAsLong());
            if (sequence.pendingForks() > 0) {
                forkSamples(request, sequence, logits);
            }
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.DEBUG, "request " + request.id + " failed", e);
            abort(request);
            request.fail(new PillionException(
                    PillionException.Code.REQUEST_FAILED, "request " + request.id + " failed: " + e.getMessage(), e));
        }
    }

    /** Logits are fetched from the device only where it could not, or was not asked to, sample the row itself. */
    private Optional<DeviceSampling> sampledOnDevice(int logitRow) {
        Optional<DeviceSampling> device = runner.sampling();
        return device.isPresent() && device.get().token(logitRow) < 0 ? Optional.empty() : device;
    }

    private void forkSamples(ActiveRequest request, Sequence parent, float[] logits) {
        for (int i = 1; i < request.samples.size(); i++) {
            ActiveSample sample = request.samples.get(i);
            GeneratedToken token = sample.next(logits, scratch);
            Sequence child =
                    scheduler.fork(parent, RequestFactory.sequenceId(request, i), token.id(), sample);
            sample.bind(child);
            if (sample.isFinished()) {
                scheduler.finish(child, FinishReason.STOP);
            }
            request.deliver(sample, token, clock.getAsLong());
        }
    }
}
