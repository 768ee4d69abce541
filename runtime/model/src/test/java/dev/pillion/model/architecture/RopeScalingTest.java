package dev.pillion.model.architecture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Scaled frequencies against values computed separately from the papers' formulas. */
class RopeScalingTest {
    private static final int DIMENSIONS = 16;

    @Test
    void plainFrequenciesFallGeometrically() {
        check(10_000, new RopeScaling.None(), 1, 0.316227766, 0.1, 0.0316227766, 0.01, 0.00316227766, 0.001, 0.000316227766);
    }

    @Test
    void linearDividesAll() {
        check(10_000, new RopeScaling.Linear(4), 0.25, 0.0790569415, 0.025, 0.00790569415, 0.0025, 0.000790569415, 0.00025,
                0.0000790569415);
    }

    @Test
    void llama3KeepsFastPairsAndInterpolatesSlowOnes() {
        check(500_000, new RopeScaling.Llama3(8, 1, 4, 8192), 1, 0.193922745, 0.0376060309, 0.00729266474, 0.000524846161,
                3.4281022e-05, 6.64786987e-06, 1.28917317e-06);
    }

    @Test
    void yarnRampsBetweenPairs() {
        RopeScaling yarn = new RopeScaling.Yarn(4, 2048, 32, 1, true, RopeScaling.Yarn.defaultMagnitude(4));
        check(10_000, yarn, 1, 0.316227766, 0.1, 0.025693506, 0.00625, 0.00138349648, 0.00025, 7.90569415e-05);
        assertThat(yarn.magnitude()).isCloseTo(1.13862944f, within(1e-6f));
    }

    @Test
    void divisorsApplyPairByPair() {
        check(10_000, new RopeScaling.Divisors(List.of(1f, 1f, 2f, 2f, 4f, 4f, 8f, 8f)), 1, 0.316227766, 0.05, 0.0158113883,
                0.0025, 0.000790569415, 0.000125, 0.0000395284708);
    }

    private static void check(double base, RopeScaling scaling, double... expected) {
        float[] actual = new RopeDescription(true, DIMENSIONS, base, scaling).inverseFrequencies();
        for (int i = 0; i < expected.length; i++) {
            assertThat((double) actual[i]).as("pair %d", i).isCloseTo(expected[i], within(expected[i] * 2e-6));
        }
    }
}
