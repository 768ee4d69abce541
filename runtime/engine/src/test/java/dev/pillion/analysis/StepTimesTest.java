package dev.pillion.analysis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.pillion.scheduler.BatchShape;
import dev.pillion.scheduler.CostModel;
import dev.pillion.scheduler.ModelShape;
import dev.pillion.scheduler.Operation;
import java.util.ArrayList;
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
            double[] found = NonNegativeFit.solve(features, values);
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
    void attentionTimesAreRecognisedWithTheirCache() {
        AttentionTime truth = new AttentionTime(2e-6, 1e-7, 1e-11, 2e-11, 2e-10, 4e6);
        List<BatchShape> batches = new ArrayList<>();
        for (int context : new int[] {16, 64, 256, 1024, 4096}) {
            for (int sequences : new int[] {1, 4, 16}) {
                batches.add(shape(SampleBatch.decodes(sequences, context)));
            }
            for (int chunk : new int[] {16, 64, 256}) {
                if (chunk <= context) {
                    batches.add(shape(SampleBatch.chunk(chunk, context)));
                }
            }
        }
        double[] seconds = batches.stream().mapToDouble(batch -> truth.seconds(COST, batch)).toArray();
        AttentionTime found = AttentionTime.fit(COST, batches, seconds);
        assertThat(found.cacheBytes()).isEqualTo(4e6);
        SampleBatch unseen = SampleBatch.hybrid(100, 7, 700);
        assertThat(found.seconds(COST, shape(unseen)) / truth.seconds(COST, shape(unseen))).isCloseTo(1, within(0.02));
    }

    @Test
    void aStepTakesTheSumOfItsOperations() {
        Map<Operation, TimeCurve> curves = new EnumMap<>(Operation.class);
        for (Operation operation : Operation.values()) {
            if (operation != Operation.ATTENTION) {
                curves.put(operation, new TimeCurve(new int[] {1, 2}, new double[] {1, 2}));
            }
        }
        AttentionTime attention = new AttentionTime(0.5, 0, 0, 0, 0, 0);
        StepTimes times = new StepTimes(curves, attention, 0.25);
        // Three tokens of which one wants logits: eight operations of 3 s, logits of 1 s.
        BatchShape batch = shape(SampleBatch.of(
                List.of(new SampleBatch.Segment(5, 2, false), new SampleBatch.Segment(9, 1, true))));
        assertThat(times.seconds(COST, batch)).isCloseTo(8 * 3 + 1 + 0.5 + 0.25, within(1e-9));
        assertThat(times.seconds(COST, COST.newBatch())).isZero();
        curves.remove(Operation.DOWN);
        assertThatThrownBy(() -> new StepTimes(curves, attention, 0)).isInstanceOf(IllegalArgumentException.class);
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
