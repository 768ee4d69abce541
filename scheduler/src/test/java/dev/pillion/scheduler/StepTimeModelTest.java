package dev.pillion.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class StepTimeModelTest {
    private static final double[] TRUTH = {4e6, 20_000, 3, 150};

    private static long nanos(double[] c, long tokens, long work, long context) {
        return (long) (c[0] + c[1] * tokens + c[2] * work + c[3] * context);
    }

    private static void teach(StepTimeModel model, double[] truth, int steps, double noise, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < steps; i++) {
            int decodes = random.nextInt(64);
            int chunk = random.nextInt(3) == 0 ? 0 : 1 + random.nextInt(448);
            long work = BatchPlan.contextSum(random.nextInt(4000), chunk);
            long context = decodes * (long) random.nextInt(100, 2000);
            long seen = nanos(truth, decodes + chunk, work, context);
            model.observe(decodes + chunk, work, context, (long) (seen * (1 + noise * (random.nextDouble() * 2 - 1))));
        }
    }

    private static void assertPredicts(StepTimeModel model, double[] truth, double relative) {
        long[][] batches = {
            {32, 0, 32_000}, {512, 480 * 1000L, 32_000}, {256, 256 * 128L, 0}, {480, 416 * 3000L, 64_000}
        };
        for (long[] batch : batches) {
            double expected = nanos(truth, batch[0], batch[1], batch[2]);
            assertThat(model.predictNanos(batch[0], batch[1], batch[2]))
                    .isCloseTo(expected, within(relative * expected));
        }
    }

    @Test
    void findsTheCoefficientsBehindNoisySteps() {
        StepTimeModel model = new StepTimeModel(new double[] {1e6, 5_000, 1, 10});
        teach(model, TRUTH, 500, 0.05, 1);
        assertPredicts(model, TRUTH, 0.05);
    }

    @Test
    void startsFromWhatItIsGivenAndFromNothing() {
        StepTimeModel model = new StepTimeModel(TRUTH);
        assertPredicts(model, TRUTH, 1e-6);
        StepTimeModel blank = new StepTimeModel(new double[4]);
        assertThat(blank.predictNanos(100, 100, 100)).isZero();
        teach(blank, TRUTH, 300, 0.02, 2);
        assertPredicts(blank, TRUTH, 0.05);
        assertThatThrownBy(() -> new StepTimeModel(new double[] {1, 2, -1, 0}))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new StepTimeModel(new double[] {1, 2, Double.NaN, 0}))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void followsAMachineThatBecomesTwiceAsSlow() {
        StepTimeModel model = new StepTimeModel(TRUTH);
        teach(model, TRUTH, 500, 0.02, 3);
        double[] slower = {8e6, 40_000, 6, 300};
        teach(model, slower, 600, 0.02, 4);
        assertPredicts(model, slower, 0.05);
    }

    @Test
    void oneHiccupDoesNotMoveIt() {
        StepTimeModel model = new StepTimeModel(TRUTH);
        teach(model, TRUTH, 300, 0.02, 5);
        model.observe(32, 0, 32_000, 1_000_000_000);
        assertPredicts(model, TRUTH, 0.25);
    }

    @Test
    void coefficientsAreNeverNegativeAndUnseenDirectionsKeepTheirValue() {
        StepTimeModel model = new StepTimeModel(TRUTH);
        // Steps that get shorter the more context they have: plain least squares would make that coefficient negative.
        for (int i = 0; i < 3000; i++) {
            model.observe(16, 0, 16_000 + 100L * (i % 10), 6_000_000 - 10_000L * (i % 10));
        }
        for (double coefficient : model.coefficientsNanos()) {
            assertThat(coefficient).isNotNegative();
        }
        assertThat(model.coefficientsNanos()[2]).as("no prefill was seen").isCloseTo(3, within(0.1));
    }

    @Test
    void theMarginIsTheWorstOfAHundredSteps() {
        StepTimeModel model = new StepTimeModel(TRUTH);
        assertThat(model.margin()).isEqualTo(1.2);
        teach(model, TRUTH, 300, 0, 6);
        assertThat(model.margin()).isEqualTo(1.05);
        teach(model, TRUTH, 400, 0.3, 7);
        assertThat(model.margin()).isBetween(1.2, 1.45);
    }

    @Test
    void quantilesComeFromTheLastWindow() {
        ErrorQuantile errors = new ErrorQuantile();
        for (int i = 0; i < 256; i++) {
            errors.add(3);
        }
        for (int i = 0; i < 256; i++) {
            errors.add(i < 250 ? 1 : 2);
        }
        assertThat(errors.quantile(0.5)).isBetween(1.0, 1.03);
        assertThat(errors.quantile(0.99)).isBetween(2.0, 2.05);
        errors.add(0);
        errors.add(1e9);
        assertThat(errors.count()).isEqualTo(256);
    }
}
