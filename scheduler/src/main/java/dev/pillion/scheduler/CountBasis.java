package dev.pillion.scheduler;

/**
 * A step's counts as its parts: 1 (what every step pays: weights, launches), tokens (the linear layers), prefill work (the
 * attention of prefill tokens, each times its context), and the context of decodes (the KV bytes they read). Knows nothing
 * of a device, so that what it expects has to be given; it is trusted little.
 */
public final class CountBasis implements StepTimeBasis {
    private final double[] expectedNanos;

    /**
     * A basis that expects some times.
     *
     * @param expectedNanos nanoseconds per step, token, prefill token times context, and token a decode attends to, for
     *     instance {@link CostModel#stepTimeCoefficientsNanos}
     */
    public CountBasis(double... expectedNanos) {
        this.expectedNanos = expectedNanos.clone();
    }

    @Override
    public BatchShape newBatch() {
        return new BatchShape(0);
    }

    @Override
    public void parts(BatchShape batch, double[] sizes) {
        sizes[0] = 1;
        sizes[1] = batch.tokens();
        sizes[2] = batch.attendedTokens() - batch.decodeAttendedTokens();
        sizes[3] = batch.decodeAttendedTokens();
    }

    @Override
    public double[] expectedNanos() {
        return expectedNanos.clone();
    }

    @Override
    public double[] typicalSizes() {
        return new double[] {1, 256, 1e5, 1e4};
    }

    @Override
    public double trust() {
        return 0.1;
    }
}
