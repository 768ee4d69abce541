package dev.pillion.scheduler;

/**
 * Predicts how long a step takes: the sum over the parts that a {@link StepTimeBasis} cuts it into, each times a
 * coefficient of its own, which is not negative.
 *
 * <p>The coefficients are refitted after each step by recursive least squares with forgetting, kept in information
 * form: the weighted sums {@code A = sum f^age x x'} and {@code b = sum f^age x y}, from which coordinate descent finds
 * the non-negative solution in a few sweeps over four numbers. Two things the textbook form lacks: a weak pull towards
 * the last coefficients, so that a direction no recent step excited (no prefill for a minute) keeps its value instead
 * of drifting; and observations weighted by one over their time, so that the <em>relative</em> error is what is small.
 *
 * <p>Allocation-free after construction. Not thread-safe.
 */
public final class StepTimeModel {
    private static final int PARTS = StepTimeBasis.PARTS;
    private static final double FORGETTING = 0.99;
    private static final double PULL = 1e-6;
    private static final int SWEEPS = 8;
    /** After this many steps an observation beyond {@link #OUTLIER} times its prediction counts as that much only. */
    private static final int SETTLED = 32;

    private static final double OUTLIER = 3;

    private final StepTimeBasis basis;
    /** Bring the columns near one another so that the sums stay well conditioned. */
    private final double[] scale;

    /** Nanoseconds per typical size of each part. */
    private final double[] coefficients = new double[PARTS];
    private final double[] normal = new double[PARTS * PARTS];
    private final double[] target = new double[PARTS];
    private final double[] x = new double[PARTS];
    private final double[] anchor = new double[PARTS];
    private final ErrorQuantile errors = new ErrorQuantile();
    private long observations;

    /**
     * A model that starts from what the basis expects. Where that is nothing it predicts zero until the first step was
     * seen.
     */
    public StepTimeModel(StepTimeBasis basis) {
        this.basis = basis;
        this.scale = basis.typicalSizes();
        double[] expected = basis.expectedNanos();
        if (expected.length != PARTS || scale.length != PARTS) {
            throw new IllegalArgumentException("a step has " + PARTS + " parts, not " + expected.length);
        }
        for (int i = 0; i < PARTS; i++) {
            if (!(expected[i] >= 0) || Double.isInfinite(expected[i])) {
                throw new IllegalArgumentException("coefficient " + i + " is " + expected[i]);
            }
            coefficients[i] = expected[i] * scale[i];
            if (coefficients[i] > 0) {
                // As if a step that consists of this part alone had been seen.
                normal[i * PARTS + i] = basis.trust() / (coefficients[i] * coefficients[i]);
                target[i] = basis.trust() / coefficients[i];
            }
        }
    }

    /** An empty batch to fill for the other methods. */
    public BatchShape newBatch() {
        return basis.newBatch();
    }

    /** Predicted time of a step, in nanoseconds. */
    public double predictNanos(BatchShape batch) {
        basis.parts(batch, x);
        double nanos = 0;
        for (int i = 0; i < PARTS; i++) {
            nanos += coefficients[i] * (x[i] / scale[i]);
        }
        return nanos;
    }

    /** Learns that a step took {@code nanos}. */
    public void observe(BatchShape batch, long nanos) {
        double predicted = predictNanos(batch);
        double seen = Math.max(1, nanos);
        if (observations > 0 && predicted > 0) {
            errors.add(seen / predicted);
        }
        if (observations++ > SETTLED && predicted > 0) {
            seen = Math.clamp(seen, predicted / OUTLIER, predicted * OUTLIER);
        }
        // In units of the step's own time the observation is 1, and so is the right-hand side.
        for (int i = 0; i < PARTS; i++) {
            x[i] = x[i] / scale[i] / seen;
        }
        for (int i = 0; i < PARTS; i++) {
            target[i] = FORGETTING * target[i] + x[i];
            for (int j = 0; j < PARTS; j++) {
                normal[i * PARTS + j] = FORGETTING * normal[i * PARTS + j] + x[i] * x[j];
            }
        }
        solve(seen);
    }

    private void solve(double timeScale) {
        double pull = PULL / (timeScale * timeScale);
        System.arraycopy(coefficients, 0, anchor, 0, PARTS);
        for (int sweep = 0; sweep < SWEEPS; sweep++) {
            for (int i = 0; i < PARTS; i++) {
                double rest = target[i] + pull * anchor[i];
                for (int j = 0; j < PARTS; j++) {
                    rest -= j == i ? 0 : normal[i * PARTS + j] * coefficients[j];
                }
                coefficients[i] = Math.max(0, rest / (normal[i * PARTS + i] + pull));
            }
        }
    }

    /**
     * What to multiply a prediction with so that 99 of 100 steps take no longer: the 99th percentile of measured over
     * predicted among recent steps, between 1.05 and 4; 1.2 until enough were seen.
     */
    public double margin() {
        return errors.count() < SETTLED ? 1.2 : Math.max(1.05, errors.quantile(0.99));
    }

    /** The coefficients: nanoseconds per unit of each part. */
    public double[] coefficientsNanos() {
        double[] copy = new double[PARTS];
        for (int i = 0; i < PARTS; i++) {
            copy[i] = coefficients[i] / scale[i];
        }
        return copy;
    }

    /** Steps learned from. */
    public long observations() {
        return observations;
    }
}
