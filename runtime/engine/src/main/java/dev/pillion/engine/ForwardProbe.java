package dev.pillion.engine;

import dev.pillion.LoadListener;
import dev.pillion.model.Model;
import dev.pillion.model.TensorType;
import dev.pillion.spi.Backend;
import dev.pillion.spi.KvPool;
import dev.pillion.spi.StepBatch;

/**
 * The forward pass without scheduler and sampling: runs hand-made batches, to measure what a step costs or to count
 * what it does. The keys and values it reads are whatever earlier batches left.
 */
public final class ForwardProbe {
    private final ForwardPass forward;
    private final KvPool cache;
    private final StepBatch batch;

    /**
     * Sizes of the largest batch.
     *
     * @param tokens most tokens
     * @param segments most segments, and most rows of logits
     * @param tableEntries most block-table entries, all segments together
     * @param blocks blocks of the KV pool
     * @param blockTokens tokens of a block
     * @param kvType element type of keys and values
     */
    public record Capacity(
            int tokens, int segments, int tableEntries, int blocks, int blockTokens, TensorType kvType) {}

    /**
     * Allocates what the largest batch needs.
     *
     * @param model the model, whose weights go to the backend
     * @param backend the device; it stays the caller's
     * @param capacity sizes of the largest batch
     */
    public ForwardProbe(Model model, Backend backend, Capacity capacity) {
        forward = new ForwardPass(
                model.path(),
                model.description(),
                model.tensors(),
                backend,
                LoadListener.NONE,
                capacity.tokens(),
                capacity.segments());
        cache = backend.allocateKvPool(
                ForwardPass.kvLayout(model.description(), capacity.blockTokens(), capacity.kvType()),
                capacity.blocks(),
                KvPool.Tier.DEVICE);
        batch = new StepBatch(
                capacity.tokens(), capacity.segments(), capacity.tableEntries(), capacity.blockTokens());
        forward.prepare(batch, cache);
    }

    /** The batch to fill before {@link #run}. */
    public StepBatch batch() {
        return batch;
    }

    /** Runs the batch as one step and waits for its end. */
    public void run() {
        forward.run(batch, cache);
    }
}
