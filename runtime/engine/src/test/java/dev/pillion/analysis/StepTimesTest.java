package dev.pillion.analysis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.pillion.scheduler.BatchShape;
import dev.pillion.scheduler.CostModel;
import dev.pillion.scheduler.ModelShape;
import dev.pillion.scheduler.Operation;
import dev.pillion.scheduler.StepTimeBasis;
import dev.pillion.scheduler.StepTimeModel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class StepTimesTest {
    private static final CostModel COST =
            new CostModel(ModelShape.uniform(4, 256, 8, 4, 32, 512, 1000, 16, 4, 4));

    private static BatchShape shape(SampleBatch batch) {
        return batch.shape(COST.model(), 16);
    }

    @Test
    void aCurveRunsThroughItsPointsAndOnBeyondThem() {
        TimeCurve curve = new TimeCurve(new int[] {2, 4, 8}, new double[] {3, 4, 8});
        assertThat(curve.at(0)).isZero();
        assertThat(curve.at(1)).isEqualTo(3);
        assertThat(curve.at(2)).isEqualTo(3);
        assertThat(curve.at(3)).isEqualTo(3.5);
        assertThat(curve.at(4)).isEqualTo(4);
        assertThat(curve.at(6)).isEqualTo(6);
        assertThat(curve.at(10)).isEqualTo(10);
        TimeCurve falling = new TimeCurve(new int[] {1, 2}, new double[] {5, 1});
        assertThat(falling.at(100)).isEqualTo(1);
        TimeCurve point = new TimeCurve(new int[] {4}, new double[] {2});
        assertThat(point.at(1)).isEqualTo(2);
        assertThat(point.at(8)).isEqualTo(4);
        assertThatThrownBy(() -> new TimeCurve(new int[] {2, 2}, new double[] {1, 1}))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new TimeCurve(new int[] {1}, new double[] {Double.NaN}))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aFitFindsTheCoefficientsThatMadeTheValues() {
        long seed = Long.getLong("pillion.test.seed", 4);
        SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 50; round++) {
            double[] truth = {random.nextDouble(), 0, 1e-6 * random.nextDouble(), 1e3 * random.nextDouble()};
            List<double[]> features = new ArrayList<>();
            double[] values = new double[30];
            for (int i = 0; i < values.length; i++) {
                double[] row = {1, random.nextDouble(), 1e6 * random.nextDouble(), 1e-3 * random.nextDouble()};
                features.add(row);
                for (int j = 0; j < truth.length; j++) {
                    values[i] += truth[j] * row[j];
                }
            }
            double[] ones = new double[values.length];
            Arrays.fill(ones, 1);
            double[] found = NonNegativeFit.solve(features, values, ones);
            for (int i = 0; i < values.length; i++) {
                double predicted = 0;
                for (int j = 0; j < truth.length; j++) {
                    assertThat(found[j]).isGreaterThanOrEqualTo(0);
                    predicted += found[j] * features.get(i)[j];
                }
                assertThat(predicted / values[i]).as("seed %d", seed).isCloseTo(1, within(0.01));
            }
        }
    }

    @Test
    void aRobustFitPassesOverWhatTheRestContradicts() {
        SplittableRandom random = new SplittableRandom(9);
        List<double[]> features = new ArrayList<>();
        double[] values = new double[40];
        for (int i = 0; i < values.length; i++) {
            features.add(new double[] {1, random.nextDouble()});
            values[i] = (2 + 3 * features.get(i)[1]) * (i % 8 == 0 ? 4 : 1);
        }
        double[] found = NonNegativeFit.solveRobustly(features, values);
        assertThat(found[0]).isCloseTo(2, within(0.1));
        assertThat(found[1]).isCloseTo(3, within(0.2));
    }

    @Test
    void attentionTimesAreRecognisedWithTheirCache() {
        int[] lengths = {1, 2, 4, 8, 16, 32, 64, 128, 256};
        double[] perSegment = new double[lengths.length];
        double[] perContext = new double[lengths.length];
        for (int i = 0; i < lengths.length; i++) {
            perSegment[i] = 1e-6 + 1e-8 * lengths[i];
            // A tile of four queries at once: four cost as much as one, and no more.
            perContext[i] = 1e-8 * Math.max(4, lengths[i]);
        }
        AttentionTime truth = new AttentionTime(
                2e-6,
                new TimeCurve(lengths, perSegment),
                new TimeCurve(lengths, perContext),
                new double[] {4e6},
                new double[] {2e-12});
        List<BatchShape> batches = new ArrayList<>();
        for (int context : new int[] {16, 64, 256, 1024, 4096}) {
            for (int sequences : new int[] {1, 4, 16}) {
                batches.add(shape(SampleBatch.decodes(sequences, context)));
            }
            for (int chunk : new int[] {2, 4, 8, 16, 32, 64, 128, 256}) {
                if (chunk <= context) {
                    batches.add(shape(SampleBatch.chunk(chunk, context)));
                }
            }
        }
        double[] seconds = batches.stream().mapToDouble(batch -> truth.seconds(COST, batch)).toArray();
        AttentionTime found = AttentionTime.fit(COST, batches, seconds);
        for (SampleBatch unseen : List.of(
                SampleBatch.hybrid(100, 7, 700),
                SampleBatch.decodes(10, 3000),
                SampleBatch.chunk(200, 2000),
                SampleBatch.hybrid(6, 1, 500))) {
            assertThat(found.seconds(COST, shape(unseen)) / truth.seconds(COST, shape(unseen)))
                    .as(unseen.toString())
                    .isCloseTo(1, within(0.05));
        }
        AttentionTime twice = found.scaled(2);
        SampleBatch any = SampleBatch.hybrid(100, 7, 700);
        assertThat(twice.seconds(COST, shape(any)) / found.seconds(COST, shape(any))).isCloseTo(2, within(1e-9));
    }

    @Test
    void aStepTakesTheSumOfItsOperations() {
        Map<Operation, TimeCurve> curves = new EnumMap<>(Operation.class);
        for (Operation operation : Operation.values()) {
            if (operation != Operation.ATTENTION) {
                curves.put(operation, new TimeCurve(new int[] {1, 2}, new double[] {1, 2}));
            }
        }
        AttentionTime attention = constant(0.5);
        StepTimes times = new StepTimes(curves, attention, 0.25);
        // Three tokens of which one wants logits: eight operations of 3 s, logits of 1 s.
        BatchShape batch = shape(SampleBatch.of(
                List.of(new SampleBatch.Segment(5, 2, false), new SampleBatch.Segment(9, 1, true))));
        assertThat(times.seconds(COST, batch)).isCloseTo(8 * 3 + 1 + 0.5 + 0.25, within(1e-9));
        assertThat(times.seconds(COST, COST.newBatch())).isZero();
        curves.remove(Operation.DOWN);
        assertThatThrownBy(() -> new StepTimes(curves, attention, 0)).isInstanceOf(IllegalArgumentException.class);
    }

    private static AttentionTime constant(double seconds) {
        TimeCurve none = new TimeCurve(new int[] {1}, new double[] {0});
        return new AttentionTime(seconds, none, none, new double[0], new double[0]);
    }

    private static StepTimes times() {
        Map<Operation, TimeCurve> curves = new EnumMap<>(Operation.class);
        for (Operation operation : Operation.values()) {
            if (operation != Operation.ATTENTION) {
                int most = 4 + operation.ordinal();
                curves.put(operation, new TimeCurve(new int[] {1, most, 300}, new double[] {1e-5, 2e-5, 7e-4}));
            }
        }
        int[] lengths = {1, 16, 256};
        return new StepTimes(
                curves,
                new AttentionTime(
                        1e-6,
                        new TimeCurve(lengths, new double[] {1e-6, 2e-6, 4e-5}),
                        new TimeCurve(lengths, new double[] {1e-8, 2e-8, 3e-7}),
                        new double[] {1e6},
                        new double[] {1e-11}),
                1e-5);
    }

    private static List<BatchShape> mixedShapes() {
        List<BatchShape> shapes = new ArrayList<>();
        for (int context : new int[] {64, 1000}) {
            for (int decodes : new int[] {0, 1, 8}) {
                for (int chunk : new int[] {2, 30, 60}) {
                    shapes.add(shape(SampleBatch.hybrid(chunk, decodes, context)));
                }
            }
            shapes.add(shape(SampleBatch.decodes(5, context)));
        }
        return shapes;
    }

    @Test
    void timesOfOperationsAreScaledToThoseOfWholeSteps() {
        StepTimes apart = times();
        Map<Operation, TimeCurve> slower = new EnumMap<>(Operation.class);
        apart.curves().forEach((operation, curve) -> slower.put(operation, curve.scaled(1.3)));
        StepTimes truth = new StepTimes(slower, apart.attention().scaled(0.8), 5e-5);
        List<BatchShape> shapes = mixedShapes();
        double[] seconds = shapes.stream().mapToDouble(batch -> truth.seconds(COST, batch)).toArray();
        seconds[3] *= 5;
        StepTimes fitted = apart.fittedTo(COST, shapes, seconds);
        BatchShape unseen = shape(SampleBatch.hybrid(45, 3, 300));
        assertThat(fitted.seconds(COST, unseen) / truth.seconds(COST, unseen)).isCloseTo(1, within(0.05));
    }

    @Test
    void aBasisCutsPredictionsIntoParts() {
        StepTimes times = times();
        CalibratedBasis basis = new CalibratedBasis(times, COST);
        StepTimeModel model = new StepTimeModel(basis);
        for (BatchShape batch : mixedShapes()) {
            double[] parts = new double[StepTimeBasis.PARTS];
            basis.parts(batch, parts);
            double nanos = times.seconds(COST, batch) * 1e9;
            assertThat(Arrays.stream(parts).sum()).isCloseTo(nanos, within(1e-6 * nanos));
            assertThat(model.predictNanos(batch)).isCloseTo(nanos, within(1e-6 * nanos));
            assertThat(parts[2] > 0).isEqualTo(batch.chunks() > 0);
        }
        // On a machine that became half as fast again the model follows, and keeps what no step showed.
        BatchShape decode = shape(SampleBatch.decodes(8, 700));
        double before = model.predictNanos(decode);
        for (int i = 0; i < 200; i++) {
            model.observe(decode, (long) (1.5 * before));
        }
        assertThat(model.predictNanos(decode)).isCloseTo(1.5 * before, within(0.05 * before));
        double[] factors = model.coefficientsNanos();
        assertThat(factors[2]).as("no chunk was seen").isCloseTo(1, within(0.01));
    }

    @Test
    void checksTellMediansFromSingleSteps() {
        double[][] measured = {{1, 5, 1.5}, {2, 2, 1}};
        StepCheck check = new StepCheck(new double[] {1, 2}, measured, new double[][] {{1, 1, 3}, {2, 4, 1}});
        assertThat(check.refittedRatios()).containsExactly(1, 5, 0.5, 1, 0.5, 1);
        assertThat(check.medianRatios()).containsExactly(1.5, 1);
        assertThat(check.singleRatios()).containsExactly(1, 5, 1.5, 1, 1, 0.5);
    }

    @Test
    void aRefitTakesUpWhatAllStepsHaveInCommon() {
        StepTimes times = times();
        List<BatchShape> shapes = mixedShapes();
        double[][] measured = new double[shapes.size()][20];
        for (int i = 0; i < measured.length; i++) {
            Arrays.fill(measured[i], 1.6 * times.seconds(COST, shapes.get(i)));
        }
        StepCheck check = StepCheck.of(times, COST, shapes, measured);
        assertThat(Arrays.stream(check.singleRatios())).allSatisfy(ratio -> assertThat(ratio).isCloseTo(1.6, within(1e-9)));
        // The first prediction knows of no step, not even of its own.
        assertThat(measured[0][0] / check.refittedSeconds()[0][0]).isCloseTo(1.6, within(1e-6));
        for (int i = 0; i < measured.length; i++) {
            assertThat(measured[i][19] / check.refittedSeconds()[i][19]).isCloseTo(1, within(0.1));
        }
    }

    @Test
    void sampleBatchesCountWhatTheyHold() {
        SampleBatch hybrid = SampleBatch.hybrid(10, 3, 40);
        assertThat(hybrid.tokens()).isEqualTo(13);
        assertThat(hybrid.blocks(16)).isEqualTo(4 * 3);
        BatchShape batch = shape(hybrid);
        assertThat(batch.tokens()).isEqualTo(13);
        assertThat(batch.logitsRows()).isEqualTo(3);
        assertThat(batch.kvReadTokens()).isEqualTo(4 * 40);
        SampleBatch group = new SampleBatch(List.of(new SampleBatch.Group(
                2, List.of(new SampleBatch.Segment(40, 1, true), new SampleBatch.Segment(50, 1, true)))));
        assertThat(shape(group).kvReadTokens()).isEqualTo(41 + 51 - 32);
        assertThat(group.blocks(16)).isEqualTo(2 + 1 + 2);
        assertThatThrownBy(() -> new SampleBatch.Segment(0, 0, true)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void publishedDevicesAreMarkedAsSuch() {
        assertThat(DeviceSpec.publishedNames()).contains("a100-80g", "h100-sxm", "h200-sxm", "b200", "cpu");
        for (String name : DeviceSpec.publishedNames()) {
            DeviceSpec device = DeviceSpec.published(name).orElseThrow();
            assertThat(device.origin()).startsWith("published peak, not measured");
            assertThat(device.memoryBytes()).isPresent();
        }
        assertThat(DeviceSpec.published("H200-SXM")).isPresent();
        assertThat(DeviceSpec.published("abacus")).isEmpty();
    }
}
