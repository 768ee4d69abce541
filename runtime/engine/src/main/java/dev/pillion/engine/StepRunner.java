package dev.pillion.engine;

import dev.pillion.EngineOptions;
import dev.pillion.MemoryPlan;
import dev.pillion.memory.BlockTable;
import dev.pillion.memory.CopyList;
import dev.pillion.model.Model;
import dev.pillion.scheduler.BatchPlan;
import dev.pillion.scheduler.Sequence;
import dev.pillion.spi.Backend;
import dev.pillion.spi.DeviceSampling;
import dev.pillion.spi.KvPool;
import dev.pillion.spi.KvLayout;
import dev.pillion.spi.SamplingRows;
import dev.pillion.spi.StepBatch;
import java.util.Optional;

/**
 * Carries out steps: turns segments of sequences into a flat batch, runs the forward pass, hands out logits. A second step
 * may be started while one runs, where the backend overlaps steps.
 */
final class StepRunner {
    /** Tokens of a step whose logits the device changes; requests beyond that are sampled on the host. */
    private static final int ADJUSTMENTS = 1 << 16;

    private final Backend backend;
    private final ForwardPass forward;
    private final KvPool[] pools;
    private final StepBatch batch;
    private final PrefixGroups groups;
    private final float[] logits;
    private final Optional<DeviceSampling> sampling;
    private int adjustmentsLeft;

    /**
     * Allocates everything a step needs.
     *
     * @param model the model, whose weights go to the backend
     * @param backend the device
     * @param options sizes
     * @param plan sizes worked out from them
     */
    StepRunner(Model model, Backend backend, EngineOptions options, MemoryPlan plan) {
        this.backend = backend;
        int tokens = MemoryPlanner.stepTokens(options, plan.contextTokens());
        int rows = MemoryPlanner.logitRows(options);
        this.forward = new ForwardPass(
                model.path(), model.description(), model.tensors(), backend, options.loadListener(), tokens, rows);
        KvLayout layout = ForwardPass.kvLayout(model.description(), plan.kvBlockTokens(), plan.kvType());
        KvPool device = backend.allocateKvPool(layout, plan.kvBlocks(), KvPool.Tier.DEVICE);
        this.pools = plan.hostKvBlocks() == 0
                ? new KvPool[] {device}
                : new KvPool[] {device, backend.allocateKvPool(layout, plan.hostKvBlocks(), KvPool.Tier.HOST)};
        int tableEntries = Math.multiplyExact(
                options.maxSequences(), Math.ceilDiv(plan.contextTokens(), plan.kvBlockTokens()));
        this.batch = new StepBatch(tokens, options.maxSequences(), tableEntries, plan.kvBlockTokens());
        forward.prepare(batch, device);
        this.sampling = forward.sampleOnDevice(ADJUSTMENTS);
        this.groups = new PrefixGroups(options.maxSequences());
        this.logits = new float[model.description().vocabularySize()];
    }

    /** The batch to fill before {@link #run}. */
    StepBatch batch() {
        return batch;
    }

    /** Adds a segment of a scheduled sequence to the batch's current group. */
    void add(Sequence sequence, int start, int length) {
        sequence.copyTokens(start, batch.tokens, batch.tokenCount(), length);
        addBlocks(sequence.blockTable(), start, length);
    }

    /** Adds a segment of a token array to the batch's current group. */
    void add(int[] tokens, int start, int length, BlockTable table) {
        System.arraycopy(tokens, start, batch.tokens, batch.tokenCount(), length);
        addBlocks(table, start, length);
    }

    private void addBlocks(BlockTable table, int start, int length) {
        int entries = Math.ceilDiv(start + length, table.blockTokens());
        int at = batch.blockCount();
        for (int i = 0; i < entries; i++) {
            batch.blocks[at + i] = table.block(i);
        }
        batch.addSegment(start, length, entries);
    }

    /** Copies blocks between and within pools. */
    void copy(CopyList copies) {
        for (int i = 0; i < copies.size(); i++) {
            backend.copyBlock(
                    pools[copies.sourcePool(i)],
                    copies.sourceIndex(i),
                    pools[copies.targetPool(i)],
                    copies.targetIndex(i));
        }
    }

    /** Whether a step that takes tokens from the one before can be started while that one runs. */
    boolean overlaps() {
        return backend.overlaps() && sampling.isPresent();
    }

    /**
     * Starts a step: its copies, then its segments.
     *
     * @param before the step that runs; where none does, any
     */
    void start(RunningStep step, RunningStep before) {
        copy(step.plan().copies());
        if (step.plan().size() > 0) {
            fill(step, before);
            forward.submit(batch, pools[0], step.phases);
        }
    }

    /** Waits for the older of the steps started; if it fails, all are given up. */
    void await(RunningStep step) {
        forward.await(step.phases);
    }

    /** Gives up what runs. */
    void giveUp() {
        forward.giveUp();
    }

    private void fill(RunningStep step, RunningStep before) {
        BatchPlan plan = step.plan();
        batch.clear();
        sampling.ifPresent(device -> device.rows().begin());
        adjustmentsLeft = ADJUSTMENTS;
        groups.find(plan);
        for (int g = 0; g < groups.groups(); g++) {
            batch.beginGroup(groups.sharedBlocks(g));
            for (int place = groups.start(g); place < groups.start(g + 1); place++) {
                int i = groups.segment(place);
                add(plan.sequence(i), plan.start(i), plan.length(i));
                int sampledBy = plan.sampledBy(i);
                if (sampledBy >= 0) {
                    batch.takeToken(batch.tokenCount() - 1, before.rowOfSegment[sampledBy]);
                }
                if (plan.wantsLogits(i)) {
                    step.rowOfSegment[i] = batch.logitCount();
                    batch.wantLogits(batch.tokenCount() - 1);
                    describe(step, plan.sequence(i), sampledBy >= 0 ? 1 : 0);
                }
            }
        }
    }

    /** Several samples of one prompt draw from the same row, which the device does not do; nor lists without end. */
    private void describe(RunningStep step, Sequence sequence, int unknownTokens) {
        if (sampling.isEmpty()) {
            return;
        }
        ActiveSample sample = (ActiveSample) sequence.owner();
        step.tokensNeeded |= sample.dependsOnTokens();
        int adjustments = sample.adjustments(unknownTokens);
        if (sequence.pendingForks() > 0 || adjustments > adjustmentsLeft) {
            // The scheduler knows of samples to come and counts them as its own reason.
            step.hostSamples |= sequence.pendingForks() == 0;
            sampling.get().rows().skip();
        } else {
            adjustmentsLeft -= adjustments;
            sample.describe(sampling.get().rows(), unknownTokens);
        }
    }

    /** Runs the batch for its logits alone. */
    void run() {
        sampling.ifPresent(device -> skipAll(device.rows()));
        forward.run(batch, pools[0]);
    }

    private void skipAll(SamplingRows rows) {
        rows.begin();
        for (int row = 0; row < batch.logitCount(); row++) {
            rows.skip();
        }
    }

    /** Sampling on the device, if it has it. */
    Optional<DeviceSampling> sampling() {
        return sampling;
    }

    /** Logits of the batch's {@code row}-th wanted token; overwritten by the next call. */
    float[] logits(int row) {
        forward.readLogits(row, logits, 0);
        return logits;
    }

    Backend backend() {
        return backend;
    }

    /** How the weights got to the device. */
    WeightLoading loading() {
        return forward.loading();
    }
}
