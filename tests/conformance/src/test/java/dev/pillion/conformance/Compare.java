package dev.pillion.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;

/** What counts as equal to a reference computed with other arithmetic. */
final class Compare {
    /** Below this gap between the two best logits, another order of additions may choose the other token. */
    static final double NEAR_TIE = 0.01;

    private Compare() {}

    /** Relative L2 distance, {@code |a - b| / |b|}. */
    static double relativeL2(float[] actual, double[] expected) {
        assertThat(actual).hasSameSizeAs(expected);
        double difference = 0;
        double norm = 0;
        for (int i = 0; i < expected.length; i++) {
            difference += (actual[i] - expected[i]) * (actual[i] - expected[i]);
            norm += expected[i] * expected[i];
        }
        return Math.sqrt(difference / norm);
    }

    /**
     * Greedy ids must be equal up to the first step that is a near tie in the reference; there they may part.
     *
     * @return steps compared
     */
    static int greedy(String what, List<Integer> actual, int[] expected, double[] margins) {
        return greedy(what, actual, expected, margins, NEAR_TIE);
    }

    /**
     * As {@link #greedy(String, List, int[], double[])} where arithmetic is coarser.
     *
     * @param nearTie gap below which the other token may be chosen
     */
    static int greedy(String what, List<Integer> actual, int[] expected, double[] margins, double nearTie) {
        for (int i = 0; i < expected.length; i++) {
            boolean same = i < actual.size() && actual.get(i) == expected[i];
            if (!same && margins[i] < nearTie) {
                return i;
            }
            assertThat(i < actual.size() ? actual.get(i) : null)
                    .as("%s, greedy step %d, margin %s", what, i, margins[i])
                    .isEqualTo(expected[i]);
        }
        return expected.length;
    }
}
