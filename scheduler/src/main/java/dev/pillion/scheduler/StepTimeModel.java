package dev.pillion.scheduler;

/**
 * Predicts how long a step takes from what is in it:
 * {@code nanos = c0 + c1 * tokens + c2 * prefillWork + c3 * decodeContext}, all coefficients non-negative. c0 is what
 * every step pays (weights, launches), c1 the linear layers, c2 the attention of prefill tokens (each times its
 * context), c3 the KV bytes that decodes read.
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
    private static final int FEATURES = 4;
    /** Typical sizes, which bring the four columns near one another so that the sums stay well conditioned. */
    private static final double[] SCALE = {1, 256, 1e5, 1e4};

    private static final double FORGETTING = 0.99;
    private static final double PULL = 1e-6;
    /** Weight of each initial coefficient, where one observed step weighs 1. */
    private static final double TRUST = 0.1;

    private static final int SWEEPS = 8;
    /** After this many steps an observation beyond {@link #OUTLIER} times its prediction counts as that much only. */
    private static final int SETTLED = 32;

    private static final double OUTLIER = 3;

    private final double[] coefficients = new double[FEATURES];
    private final double[] normal = new double[FEATURES * FEATURES];
    private final double[] target = new double[FEATURES];
    private final double[] x = new double[FEATURES];
    private final double[] anchor = new double[FEATURES];
    private final ErrorQuantile errors = new ErrorQuantile();
    private long observations;

    /**
     * A model that starts from given coefficients, for instance {@link CostModel#stepTimeCoefficientsNanos}. From zeros
     * it predicts zero until the first step was seen.
     *
     * @param initialNanos c0 to c3 in nanoseconds per unit of their feature
     */
    public StepTimeModel(double[] initialNanos) {
        if (initialNanos.length != FEATURES) {
            throw new IllegalArgumentException("a step time model has " + FEATURES + " coefficients, not "
                    + initialNanos.length);
        }
        for (int i = 0; i < FEATURES; i++) {
            if (!(initialNanos[i] >= 0) || Double.isInfinite(initialNanos[i])) {
                throw new IllegalArgumentException("coefficient " + i + " is " + initialNanos[i]);
            }
            coefficients[i] = initialNanos[i] * SCALE[i];
            if (coefficients[i] > 0) {
                // As if a step that consists of this coefficient alone had been seen, faintly.
                normal[i * FEATURES + i] = TRUST / (coefficients[i] * coefficients[i]);
                target[i] = TRUST / coefficients[i];
            }
        }
    }

    /** Predicted time of a step, in nanoseconds. */
    public double predictNanos(long tokens, long prefillWork, long decodeContext) {
        return coefficients[0] + coefficients[1] * (tokens / SCALE[1]) + coefficients[2] * (prefillWork / SCALE[2])
                + coefficients[3] * (decodeContext / SCALE[3]);
    }

    /** Learns that a step took {@code nanos}. */
    public void observe(long tokens, long prefillWork, long decodeContext, long nanos) {
        double predicted = predictNanos(tokens, prefillWork, decodeContext);
        double seen = Math.max(1, nanos);
        if (observations > 0 && predicted > 0) {
            errors.add(seen / predicted);
        }
        if (observations++ > SETTLED && predicted > 0) {
            seen = Math.clamp(seen, predicted / OUTLIER, predicted * OUTLIER);
        }
        x[0] = 1 / seen;
        x[1] = tokens / SCALE[1] / seen;
        x[2] = prefillWork / SCALE[2] / seen;
        x[3] = decodeContext / SCALE[3] / seen;
        // In units of the step's own time the observation is 1, and so is the right-hand side.
        for (int i = 0; i < FEATURES; i++) {
            target[i] = FORGETTING * target[i] + x[i];
            for (int j = 0; j < FEATURES; j++) {
                normal[i * FEATURES + j] = FORGETTING * normal[i * FEATURES + j] + x[i] * x[j];
            }
        }
        solve(seen);
    }

    private void solve(double timeScale) {
        double pull = PULL / (timeScale * timeScale);
        System.arraycopy(coefficients, 0, anchor, 0, FEATURES);
        for (int sweep = 0; sweep < SWEEPS; sweep++) {
            for (int i = 0; i < FEATURES; i++) {
                double rest = target[i] + pull * anchor[i];
                for (int j = 0; j < FEATURES; j++) {
                    rest -= j == i ? 0 : normal[i * FEATURES + j] * coefficients[j];
                }
                coefficients[i] = Math.max(0, rest / (normal[i * FEATURES + i] + pull));
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

    /** The coefficients c0 to c3 in nanoseconds per unit of their feature. */
    public double[] coefficientsNanos() {
        double[] copy = new double[FEATURES];
        for (int i = 0; i < FEATURES; i++) {
            copy[i] = coefficients[i] / SCALE[i];
        }
        return copy;
    }

    /** Steps learned from. */
    public long observations() {
        return observations;
    }
}
