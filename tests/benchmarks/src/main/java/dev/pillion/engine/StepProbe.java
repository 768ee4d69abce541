package dev.pillion.engine;

import dev.pillion.EngineOptions;
import dev.pillion.LoadListener;
import dev.pillion.model.Model;
import dev.pillion.model.Tensor;
import dev.pillion.model.TensorType;
import dev.pillion.model.architecture.ModelDescription;
import dev.pillion.spi.AttentionSpec;
import dev.pillion.spi.Backend;
import dev.pillion.spi.DeviceTensor;
import dev.pillion.spi.KvPool;
import dev.pillion.spi.OperationCounters;
import dev.pillion.spi.Rope;
import dev.pillion.spi.StepBatch;
import dev.pillion.spi.Weight;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Runs single steps of a chosen composition on the selected backend, without scheduler and sampling: decodes at a given
 * context, a prompt chunk, or both. In this package because the forward pass is nobody else's business.
 */
public final class StepProbe implements AutoCloseable {
    private static final int BLOCK_TOKENS = 16;
    private static final Rope NO_TURN = new Rope(Rope.Pairing.HALVES, new float[0], 1);

    private final Model model;
    private final ModelDescription description;
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
        this.description = model.description();
        this.backend = BackendSelection.select(options).backend();
        this.forward = new ForwardPass(
                model.path(),
                description,
                model.tensors(),
                backend,
                LoadListener.NONE,
                stepTokens,
                Math.max(segments, 1));
        this.pool = backend.allocateKvPool(
                ForwardPass.kvLayout(description, BLOCK_TOKENS, TensorType.F32),
                Math.ceilDiv(kvTokens, BLOCK_TOKENS),
                KvPool.Tier.DEVICE);
        this.batch = new StepBatch(stepTokens, segments, tableEntries, BLOCK_TOKENS);
        this.tokens = new SplittableRandom(3)
                .ints(Math.max(kvTokens + BLOCK_TOKENS, stepTokens) + 1, 0, description.vocabularySize())
                .toArray();
    }

    /** Line that says what runs. */
    public String description() {
        return backend.description();
    }

    /**
     * Fills the whole pool with random keys and values of the size that a model's have. Forward passes over long prompts
     * would take many times as long as what is measured, and no time depends on which numbers they are; an empty pool
     * would be no substitute, since all its scores are equal.
     */
    public StepProbe fillPool() {
        int width = description.kvWidth();
        Weight keys = backend.weight(random("keys", width, 5));
        Weight values = backend.weight(random("values", width, 6));
        DeviceTensor q = backend.allocate(batch.tokens.length, description.queryWidth());
        DeviceTensor k = backend.allocate(batch.tokens.length, width);
        DeviceTensor v = backend.allocate(batch.tokens.length, width);
        int perStep = batch.tokens.length / BLOCK_TOKENS;
        for (int block = 0; block < pool.blocks(); block += perStep) {
            int blocks = Math.min(perStep, pool.blocks() - block);
            batch.clear();
            batch.beginGroup(0);
            int[] here = Arrays.copyOfRange(tokens, block * BLOCK_TOKENS, (block + blocks) * BLOCK_TOKENS);
            batch.addSegment(here, 0, here.length, range(block, blocks), blocks);
            backend.begin(batch, pool);
            backend.embed(keys, k);
            backend.embed(values, v);
            for (int layer = 0; layer < description.layers(); layer++) {
                backend.ropeAndWriteKv(q, k, v, NO_TURN, attention(layer));
            }
            backend.finish();
        }
        return clear();
    }

    /** A table with a row of variance one for each token of the vocabulary. */
    private Tensor random(String name, int columns, long seed) {
        int rows = description.vocabularySize();
        SplittableRandom random = new SplittableRandom(seed);
        float[] table = new float[rows * columns];
        for (int i = 0; i < table.length; i++) {
            table[i] = (float) ((random.nextDouble() * 2 - 1) * Math.sqrt(3));
        }
        return new Tensor(name, TensorType.F32, List.of((long) rows, (long) columns), MemorySegment.ofArray(table));
    }

    private AttentionSpec attention(int layer) {
        return new AttentionSpec(
                layer,
                description.heads(),
                description.kvHeads(),
                description.headDim(),
                1,
                AttentionSpec.NO_WINDOW);
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
