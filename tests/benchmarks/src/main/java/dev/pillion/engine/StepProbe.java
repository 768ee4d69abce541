package dev.pillion.engine;

import dev.pillion.EngineOptions;
import dev.pillion.model.Model;
import dev.pillion.model.TensorType;
import dev.pillion.spi.Backend;
import dev.pillion.spi.KvPool;
import dev.pillion.spi.OperationCounters;
import dev.pillion.spi.StepBatch;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Runs single steps of a chosen composition on the selected backend, without scheduler and sampling: decodes at a given
 * context, a prompt chunk, or both. In this package because the forward pass is nobody else's business.
 */
public final class StepProbe implements AutoCloseable {
    private static final int BLOCK_TOKENS = 16;

    private final Model model;
    private final Backend backend;
    private final ForwardPass forward;
    private final KvPool pool;
    private final StepBatch batch;
    private final int[] tokens;

    /**
     * Builds a probe.
     *
     * @param model owned from here on
     * @param options which backend
     * @param stepTokens most tokens of a step
     * @param segments most segments of a step
     * @param kvTokens tokens of the KV pool
     * @param tableEntries most block-table entries of a step
     */
    public StepProbe(
            Model model, EngineOptions options, int stepTokens, int segments, int kvTokens, int tableEntries) {
        this.model = model;
        this.backend = BackendSelection.select(options).backend();
        this.forward = new ForwardPass(
                model.path(), model.description(), model.tensors(), backend, stepTokens, Math.max(segments, 1));
        this.pool = backend.allocateKvPool(
                ForwardPass.kvLayout(model.description(), BLOCK_TOKENS, TensorType.F32),
                Math.ceilDiv(kvTokens, BLOCK_TOKENS),
                KvPool.Tier.DEVICE);
        this.batch = new StepBatch(stepTokens, segments, tableEntries, BLOCK_TOKENS);
        this.tokens = new SplittableRandom(3)
                .ints(Math.max(kvTokens, stepTokens) + 1, 0, model.description().vocabularySize())
                .toArray();
    }

    /** Line that says what runs. */
    public String description() {
        return backend.description();
    }

    /** The backend's counters. */
    public OperationCounters counters() {
        return backend.counters();
    }

    /** Starts a new composition. */
    public StepProbe clear() {
        batch.clear();
        return this;
    }

    /**
     * Adds decodes that have {@code context} tokens each, the new one included, in blocks of their own from
     * {@code firstBlock} on.
     *
     * @return the first block not used
     */
    public int decodes(int count, int context, int firstBlock) {
        int perSequence = Math.ceilDiv(context, BLOCK_TOKENS);
        int block = firstBlock;
        batch.beginGroup(0);
        for (int i = 0; i < count; i++) {
            segment(context - 1, 1, range(block, perSequence), true);
            block += perSequence;
        }
        return block;
    }

    /** Adds a prompt chunk of {@code length} tokens after {@code start} computed ones. */
    public int chunk(int start, int length, int firstBlock) {
        int blocks = Math.ceilDiv(start + length, BLOCK_TOKENS);
        batch.beginGroup(0);
        segment(start, length, range(firstBlock, blocks), false);
        return firstBlock + blocks;
    }

    /**
     * Adds decodes that share a prefix of {@code prefix} tokens and have one block each of their own.
     *
     * @param grouped whether the backend is told that they share it
     */
    public void sharers(int count, int prefix, boolean grouped) {
        int shared = prefix / BLOCK_TOKENS;
        batch.beginGroup(grouped ? shared : 0);
        for (int i = 0; i < count; i++) {
            int[] table = Arrays.copyOf(range(0, shared), shared + 1);
            table[shared] = shared + i;
            segment(prefix, 1, table, true);
        }
    }

    /** Runs the composition once and returns the nanoseconds it took. */
    public long run() {
        long start = System.nanoTime();
        forward.run(batch, pool);
        return System.nanoTime() - start;
    }

    private void segment(int start, int length, int[] table, boolean logits) {
        batch.addSegment(tokens, start, length, table, table.length);
        if (logits) {
            batch.wantLogits(batch.tokenCount() - 1);
        }
    }

    private static int[] range(int first, int count) {
        int[] blocks = new int[count];
        Arrays.setAll(blocks, i -> first + i);
        return blocks;
    }

    @Override
    public void close() {
        backend.close();
        model.close();
    }
}
