package dev.pillion.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class StepTimeModelTest {
    private static final double[] TRUTH = {4e6, 20_000, 3, 150};

    private static StepTimeModel model(double... expected) {
        return new StepTimeModel(new CountBasis(expected));
    }

    private static BatchShape batch(int decodes, long context, int start, int chunk) {
        BatchShape batch = new BatchShape(0).addDecodes(decodes, context);
        return chunk == 0 ? batch : batch.add(start, chunk, false);
    }

    private static double nanos(double[] c, BatchShape batch) {
        double[] parts = new double[4];
        new CountBasis(c).parts(batch, parts);
        return c[0] * parts[0] + c[1] * parts[1] + c[2] * parts[2] + c[3] * parts[3];
    }

    private static void teach(StepTimeModel model, double[] truth, int steps, double noise, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < steps; i++) {
            int decodes = random.nextInt(64);
            int chunk = random.nextInt(3) == 0 ? 0 : 1 + random.nextInt(448);
            int start = random.nextInt(4000);
            BatchShape batch = batch(decodes, decodes * (long) random.nextInt(100, 2000), start, chunk);
            double seen = nanos(truth, batch) * (1 + noise * (random.nextDouble() * 2 - 1));
            model.observe(batch, (long) seen);
        }
    }

    private static void assertPredicts(StepTimeModel model, double[] truth, double relative) {
        List<BatchShape> batches = List.of(
                batch(32, 32_000, 0, 0), batch(32, 32_000, 760, 480), batch(0, 0, 0, 256), batch(64, 64_000, 2800, 416));
        for (BatchShape batch : batches) {
            double expected = nanos(truth, batch);
            assertThat(model.predictNanos(batch)).isCloseTo(expected, within(relative * expected));
        }
    }

    @Test
    void findsTheCoefficientsBehindNoisySteps() {
        StepTimeModel model = model(1e6, 5_000, 1, 10);
        teach(model, TRUTH, 500, 0.05, 1);
        assertPredicts(model, TRUTH, 0.05);
    }

    @Test
    void startsFromWhatItIsGivenAndFromNothing() {
        StepTimeModel model = model(TRUTH);
        assertPredicts(model, TRUTH, 1e-6);
        StepTimeModel blank = model(0, 0, 0, 0);
        assertThat(blank.predictNanos(batch(100, 100, 0, 100))).isZero();
        teach(blank, TRUTH, 300, 0.02, 2);
        assertPredicts(blank, TRUTH, 0.05);
        assertThatThrownBy(() -> model(1, 2, -1, 0))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> model(1, 2, Double.NaN, 0))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void followsAMachineThatBecomesTwiceAsSlow() {
        StepTimeModel model = model(TRUTH);
        teach(model, TRUTH, 500, 0.02, 3);
        double[] slower = {8e6, 40_000, 6, 300};
        teach(model, slower, 600, 0.02, 4);
        assertPredicts(model, slower, 0.05);
    }

    @Test
    void oneHiccupDoesNotMoveIt() {
        StepTimeModel model = model(TRUTH);
        teach(model, TRUTH, 300, 0.02, 5);
        model.observe(batch(32, 32_000, 0, 0), 1_000_000_000);
        assertPredicts(model, TRUTH, 0.25);
    }

    @Test
    void coefficientsAreNeverNegativeAndUnseenDirectionsKeepTheirValue() {
        StepTimeModel model = model(TRUTH);
        // Steps that get shorter the more context they have: plain least squares would make that coefficient negative.
        for (int i = 0; i < 3000; i++) {
            model.observe(batch(16, 16_000 + 100L * (i % 10), 0, 0), 6_000_000 - 10_000L * (i % 10));
        }
        for (double coefficient : model.coefficientsNanos()) {
            assertThat(coefficient).isNotNegative();
        }
        assertThat(model.coefficientsNanos()[2]).as("no prefill was seen").isCloseTo(3, within(0.1));
    }

    @Test
    void theMarginIsTheWorstOfAHundredSteps() {
        StepTimeModel model = model(TRUTH);
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
