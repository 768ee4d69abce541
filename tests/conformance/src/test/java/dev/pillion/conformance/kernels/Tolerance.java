package dev.pillion.conformance.kernels;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * How far a kernel may be from the exact result: at most twice as far as a plain computation at the same precision, the
 * criterion of FlashAttention's tests (Dao et al. 2022), and a little more for results that the plain one happens to hit.
 */
final class Tolerance {
    private static final double SLACK = 1e-5;

    private Tolerance() {}

    /**
     * Compares by the largest error.
     *
     * @param actual what the kernel computed
     * @param baseline the same by a plain loop in f32, rounded as the kernel's results are
     * @param exact the same in double
     */
    static void check(String what, float[] actual, float[] baseline, double[] exact) {
        assertThat(actual).as(what).hasSameSizeAs(exact);
        double allowed = 2 * worst(baseline, exact) + SLACK;
        double error = worst(actual, exact);
        assertThat(error).as("%s: largest error, of %s allowed", what, allowed).isLessThanOrEqualTo(allowed);
    }

    /** NaN if any value is, which exceeds every limit. */
    private static double worst(float[] values, double[] exact) {
        double worst = 0;
        for (int i = 0; i < exact.length; i++) {
            worst = Math.max(worst, Math.abs(values[i] - exact[i]));
        }
        return worst;
    }
}
