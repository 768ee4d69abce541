package dev.pillion.analysis;

import dev.pillion.EngineOptions;
import dev.pillion.MemoryPlan;
import dev.pillion.model.Model;
import dev.pillion.model.TensorType;
import java.util.function.LongPredicate;

/**
 * What of a model's work fits a device's memory: weights, the activations of the largest step, and KV blocks, by the
 * same plan an engine makes when it opens.
 */
public final class MemoryFit {
    /** More KV memory than any plan asks for, so that the plan itself never refuses. */
    private static final long UNBOUNDED_KV_BYTES = 1L << 60;

    private static final int MOST_SEQUENCES = 1 << 20;

    private final Model model;
    private final long memoryBytes;
    private final int chunkTokens;
    private final TensorType kvType;

    /**
     * Sets the question.
     *
     * @param model what runs
     * @param memoryBytes the device's memory
     * @param chunkTokens token budget of a step
     * @param kvType element type of keys and values
     */
    public MemoryFit(Model model, long memoryBytes, int chunkTokens, TensorType kvType) {
        this.model = model;
        this.memoryBytes = memoryBytes;
        this.chunkTokens = chunkTokens;
        this.kvType = kvType;
    }

    /** What so many sequences of so much context take; {@link MemoryPlan#kvBlocks()} is what they need, not a pool. */
    public MemoryPlan plan(int sequences, int contextTokens) {
        return MemoryPlan.of(
                model,
                EngineOptions.builder()
                        .maxSequences(sequences)
                        .contextTokens(contextTokens)
                        .chunkTokens(chunkTokens)
                        .kvType(kvType)
                        .kvBytes(UNBOUNDED_KV_BYTES)
                        .build());
    }

    /** Bytes that so many sequences of so much context take, weights and activations included. */
    public long bytes(int sequences, int contextTokens) {
        MemoryPlan plan = plan(sequences, contextTokens);
        return plan.weightBytes() + plan.workspaceBytes() + kvBytes(plan, sequences, contextTokens);
    }

    /** Bytes of the KV blocks of so many sequences of so much context. */
    public static long kvBytes(MemoryPlan plan, int sequences, int contextTokens) {
        long blocks = (long) sequences * Math.ceilDiv(contextTokens, plan.kvBlockTokens());
        return Math.multiplyExact(blocks, plan.kvBlockBytes());
    }

    /** Most sequences of this context that fit; 0 if not one does. */
    public int largestBatch(int contextTokens) {
        return (int) most(MOST_SEQUENCES, sequences -> bytes((int) sequences, contextTokens) <= memoryBytes);
    }

    /** Longest context at which so many sequences fit, at most the model's own; 0 if they do not fit at all. */
    public int longestContext(int sequences) {
        return (int) most(
                model.description().contextLength(), context -> bytes(sequences, (int) context) <= memoryBytes);
    }

    /** The largest number from 1 on that fits, where larger ones never fit if smaller ones do not; 0 if none does. */
    private static long most(long limit, LongPredicate fits) {
        long low = 0;
        long high = limit;
        while (low < high) {
            long middle = low + (high - low + 1) / 2;
            if (fits.test(middle)) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }
}
