package dev.pillion.simulator;

import dev.pillion.scheduler.BatchPlan;

/**
 * An instance whose steps take a constant, and so much more for each token and for each token a decode attends to: times
 * one can check by hand.
 */
record LinearModel(
        int pipelineStages,
        long stepNanos,
        long tokenNanos,
        long contextNanos,
        long transferNanos,
        long hostNanos,
        long blocks16,
        double kvTransferBytesPerSecond)
        implements InstanceModel {
    static final long MILLISECOND = 1_000_000;

    /** The same time for each step whatever is in it, and room for 16,000 tokens. */
    static LinearModel constant(long stepNanos) {
        return new LinearModel(1, stepNanos, 0, 0, 0, 0, 1_000, 1e9);
    }

    /** Some of everything. */
    static LinearModel usual(long blocks) {
        return new LinearModel(1, 5 * MILLISECOND, 20_000, 20, 0, 300_000, blocks, 1e9);
    }

    LinearModel withStages(int stages) {
        return new LinearModel(stages, stepNanos, tokenNanos, contextNanos, transferNanos, hostNanos, blocks16,
                kvTransferBytesPerSecond);
    }

    LinearModel withTransferRate(double bytesPerSecond) {
        return new LinearModel(pipelineStages, stepNanos, tokenNanos, contextNanos, transferNanos, hostNanos, blocks16,
                bytesPerSecond);
    }

    @Override
    public String description() {
        return "linear";
    }

    @Override
    public int gpus() {
        return pipelineStages;
    }

    @Override
    public long stageNanos(BatchPlan step, int stage) {
        return stepNanos + tokenNanos * step.tokens() + contextNanos * (step.decodeContext() + step.prefillWork());
    }

    @Override
    public long activationTransferNanos(BatchPlan step) {
        return transferNanos;
    }

    @Override
    public long hostNanos(BatchPlan step) {
        return hostNanos;
    }

    @Override
    public double stepJoules(BatchPlan step) {
        return step.tokens();
    }

    @Override
    public double idleWatts() {
        return 10;
    }

    @Override
    public double dollarsPerHour() {
        return 3600;
    }

    @Override
    public long kvBlocks(int blockTokens) {
        return blocks16 * 16 / blockTokens;
    }

    @Override
    public long kvBytesPerToken() {
        return 1000;
    }
}
