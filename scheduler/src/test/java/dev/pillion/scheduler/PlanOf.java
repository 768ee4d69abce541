package dev.pillion.scheduler;

import dev.pillion.memory.KvCache;
import dev.pillion.memory.PrefixHasher;

/** Plans written down segment by segment, for tests of what only reads them. */
public final class PlanOf {
    private final BatchPlan plan = new BatchPlan(16, new KvCache(16, 16, 0, false, new PrefixHasher(1, 2)).copies());
    private int sequences;

    /** Starts with decodes, each of which attends to a context, itself included. */
    public static PlanOf decodes(int... contexts) {
        PlanOf made = new PlanOf();
        made.plan.begin(1, 0, made.plan.copies());
        for (int context : contexts) {
            made.plan.add(made.sequence(context), context - 1, 1, true);
        }
        return made;
    }

    /** Adds a chunk. */
    public PlanOf chunk(int start, int length, boolean wantsLogits) {
        plan.add(sequence(start + length + (wantsLogits ? 0 : 1)), start, length, false);
        return this;
    }

    /** The plan. */
    public BatchPlan plan() {
        return plan;
    }

    private Sequence sequence(int length) {
        return Sequence.builder(sequences++, new int[length]).maxTokens(1).build();
    }
}
