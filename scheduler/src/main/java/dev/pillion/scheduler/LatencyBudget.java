package dev.pillion.scheduler;

/**
 * As many tokens as the target for the time between tokens allows: the largest number whose predicted step time, times
 * the prediction's 99th-percentile error, stays within the target. The model behind it is refitted with each step.
 *
 * <p>A step without decodes delays nobody's next token and gets the full budget. Where the decodes alone exceed the
 * target, prompts still get their smallest chunk: they would starve otherwise, and with them those who wait.
 */
public final class LatencyBudget implements TokenBudget {
    private final double targetNanos;
    private final int maxTokens;
    private final int minChunkTokens;
    private final int tileTokens;
    private final StepTimeModel model;
    private final BatchShape batch;

    /**
     * A budget for a latency target.
     *
     * @param targetNanos the time between tokens to keep, in nanoseconds
     * @param maxTokens most tokens per step
     * @param minChunkTokens prompt tokens a step may always hold, at least 1
     * @param tileTokens totals above one tile are cut to a multiple of this; 1 for no tile
     * @param model predicts step times
     */
    public LatencyBudget(long targetNanos, int maxTokens, int minChunkTokens, int tileTokens, StepTimeModel model) {
        if (targetNanos < 1 || minChunkTokens < 1 || maxTokens < minChunkTokens || tileTokens < 1) {
            throw new IllegalArgumentException("latency budget: target " + targetNanos + " ns, at most " + maxTokens
                    + " tokens, chunks of at least " + minChunkTokens + ", tile " + tileTokens);
        }
        this.targetNanos = targetNanos;
        this.maxTokens = maxTokens;
        this.minChunkTokens = minChunkTokens;
        this.tileTokens = tileTokens;
        this.model = model;
        this.batch = model.newBatch();
    }

    @Override
    public int maxTokens() {
        return maxTokens;
    }

    @Override
    public int tokens(int decodes, long decodeContext, int prefillStart) {
        if (decodes == 0) {
            return maxTokens;
        }
        int floor = Math.min(maxTokens, decodes + minChunkTokens);
        int low = floor;
        int high = maxTokens;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (fits(middle, decodes, decodeContext, prefillStart)) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return Math.max(floor, low > tileTokens ? low - low % tileTokens : low);
    }

    private boolean fits(int tokens, int decodes, long decodeContext, int prefillStart) {
        batch.clear();
        batch.addDecodes(decodes, decodeContext);
        if (tokens > decodes) {
            batch.add(prefillStart, tokens - decodes, false);
        }
        return model.predictNanos(batch) * model.margin() <= targetNanos;
    }

    @Override
    public void observe(BatchPlan plan, long stepNanos) {
        if (plan.size() > 0) {
            model.observe(shape(plan), stepNanos);
        }
    }

    /** Predicted time of a plan's step, in nanoseconds. */
    public double predictNanos(BatchPlan plan) {
        return plan.size() == 0 ? 0 : model.predictNanos(shape(plan));
    }

    private BatchShape shape(BatchPlan plan) {
        batch.clear();
        return batch.addTotals(plan);
    }

    /** The model behind the budget. */
    public StepTimeModel model() {
        return model;
    }
}
