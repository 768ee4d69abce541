package dev.pillion.simulator.device;

import dev.pillion.scheduler.BatchPlan;

/** Sums over a plan's chunks that the plan itself does not keep. Decodes come first in a plan: only chunks are visited. */
final class StepWork {
    private StepWork() {}

    /** Segments of prefills. */
    static int chunks(BatchPlan plan) {
        return plan.size() - plan.decodeTokens();
    }

    /** Sum over all prefill tokens of the tokens each attends to in a layer with a window, itself included. */
    static long chunkWorkInWindow(BatchPlan plan, int window) {
        long work = 0;
        for (int i = plan.size() - 1; i >= 0 && !plan.isDecode(i); i--) {
            work += attendedInWindow(plan.start(i), plan.length(i), window);
        }
        return work;
    }

    /** The same of one segment. */
    static long attendedInWindow(long start, long length, long window) {
        long growing = Math.clamp(window - start, 0, length);
        return growing * start + growing * (growing + 1) / 2 + (length - growing) * window;
    }

    /** Tokens decodes attend to in a layer with a window, taken to be as full as if all contexts were alike. */
    static long decodeContextInWindow(long decodes, long context, long window) {
        return Math.min(context, decodes * window);
    }

    /**
     * Tokens whose keys and values the chunks read, once for each chunk.
     *
     * @param window length of the layer's window; {@link Integer#MAX_VALUE} where it has none
     */
    static long chunkReadTokens(BatchPlan plan, int window) {
        long read = 0;
        for (int i = plan.size() - 1; i >= 0 && !plan.isDecode(i); i--) {
            read += Math.min((long) plan.start(i) + plan.length(i), (long) window + plan.length(i) - 1);
        }
        return read;
    }
}
