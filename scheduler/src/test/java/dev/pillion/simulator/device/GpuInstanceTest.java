package dev.pillion.simulator.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.sun.management.ThreadMXBean;
import dev.pillion.scheduler.BatchPlan;
import dev.pillion.scheduler.BatchShape;
import dev.pillion.scheduler.CostModel;
import dev.pillion.scheduler.Operation;
import dev.pillion.scheduler.PlanOf;
import dev.pillion.scheduler.StepCost;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GpuInstanceTest {
    private static final TransformerSizes LLAMA = ModelShapes.named("llama-3.1-8b");
    private static final GpuDevice H100 = GpuDevices.named("h100");
    private static final GpuInstance ONE = new GpuInstance(LLAMA, H100, InstanceOptions.DEFAULT);

    private static BatchPlan mixed() {
        return PlanOf.decodes(100, 2000, 37).chunk(512, 256, true).chunk(0, 64, false).plan();
    }

    @Test
    void arithmeticAndBytesAreThoseOfTheCostModel() {
        for (String name : new String[] {"llama-3.1-8b", "mistral-7b"}) {
            TransformerSizes sizes = ModelShapes.named(name);
            GpuInstance instance = new GpuInstance(sizes, H100, InstanceOptions.DEFAULT);
            CostModel cost = new CostModel(sizes.shape(Quantisation.BF16, KvType.BF16));
            BatchPlan plan = mixed();
            StepCost step = cost.estimate(new BatchShape(cost.model()).addTotals(plan));
            assertThat(instance.stageFlops(plan, 0)).as(name).isEqualTo(step.flops());
            double embedding = step.of(Operation.EMBED).weightBytes();
            assertThat(instance.stageBytes(plan, 0)).as(name)
                    .isEqualTo(step.weightBytes() - embedding + step.kvReadBytes());
        }
    }

    @Test
    void noStepIsFasterThanTheRoofline() {
        for (String device : GpuDevices.names()) {
            GpuDevice gpu = GpuDevices.named(device);
            GpuInstance instance = new GpuInstance(LLAMA, gpu, InstanceOptions.DEFAULT.stored(Quantisation.FP8, KvType.BF16));
            for (int tokens : new int[] {1, 17, 130, 1000, 8000}) {
                BatchPlan plan = PlanOf.decodes(500).chunk(100, tokens, true).plan();
                double seconds = instance.stageNanos(plan, 0) * 1e-9;
                assertThat(seconds).as("%s %d tokens", device, tokens)
                        .isGreaterThan(instance.stageFlops(plan, 0) / gpu.flopsPerSecond(Arithmetic.FP8))
                        .isGreaterThan(instance.stageBytes(plan, 0) / gpu.bytesPerSecond());
            }
        }
    }

    @Test
    void aDecodeStepOfAnEightBillionModelIsNearItsBandwidthBound() {
        double bound = 15.0e9 / H100.bytesPerSecond();
        double seconds = ONE.stageNanos(PlanOf.decodes(128).plan(), 0) * 1e-9;
        assertThat(seconds).isBetween(bound, 1.6 * bound);
    }

    @Test
    void moreWorkTakesLonger() {
        BatchPlan few = PlanOf.decodes(1000, 1000).plan();
        BatchPlan longer = PlanOf.decodes(9000, 9000).plan();
        BatchPlan withChunk = PlanOf.decodes(1000, 1000).chunk(0, 512, true).plan();
        assertThat(ONE.stageNanos(longer, 0)).isGreaterThan(ONE.stageNanos(few, 0));
        assertThat(ONE.stageNanos(withChunk, 0)).isGreaterThan(ONE.stageNanos(few, 0));
        assertThat(ONE.hostNanos(withChunk)).isGreaterThan(ONE.hostNanos(few));
        assertThat(ONE.stepJoules(withChunk)).isGreaterThan(ONE.stepJoules(few));
        assertThat(ONE.stepJoules(few)).isBetween(
                0.3 * (700 - 75) * ONE.stageNanos(few, 0) * 1e-9, (700 - 75) * ONE.stageNanos(few, 0) * 1e-9);
    }

    @Test
    void aWindowBoundsWhatALongContextCosts() {
        GpuInstance mistral = new GpuInstance(ModelShapes.named("mistral-7b"), H100, InstanceOptions.DEFAULT);
        long within = mistral.stageNanos(PlanOf.decodes(4096).plan(), 0);
        assertThat(mistral.stageNanos(PlanOf.decodes(30_000).plan(), 0)).isEqualTo(within);
        assertThat(ONE.stageNanos(PlanOf.decodes(30_000).plan(), 0))
                .isGreaterThan(ONE.stageNanos(PlanOf.decodes(4096).plan(), 0));
        long early = mistral.stageNanos(PlanOf.decodes().chunk(8192, 512, false).plan(), 0);
        assertThat(mistral.stageNanos(PlanOf.decodes().chunk(16384, 512, false).plan(), 0)).isEqualTo(early);
    }

    @Test
    void stagesShareTheLayersAndTheirTimesAddUp() {
        TransformerSizes large = ModelShapes.named("llama-3.1-405b");
        GpuInstance instance = new GpuInstance(large, GpuDevices.named("h200"), InstanceOptions.DEFAULT.parallel(8, 4));
        assertThat(new int[] {
            instance.stageLayers(0), instance.stageLayers(1), instance.stageLayers(2), instance.stageLayers(3)
        }).containsExactly(32, 32, 31, 31);
        assertThat(instance.gpus()).isEqualTo(32);
        BatchPlan plan = mixed();
        assertThat(instance.stageNanos(plan, 3)).as("logits").isGreaterThan(instance.stageNanos(plan, 2));
        assertThat(instance.stageNanos(plan, 0)).as("one layer more").isGreaterThan(instance.stageNanos(plan, 2));
        assertThat(instance.activationTransferNanos(plan)).isPositive();
        assertThat(ONE.activationTransferNanos(plan)).isZero();
        assertThat(instance.idleWatts()).isEqualTo(32 * 80);
        assertThat(instance.dollarsPerHour()).isEqualTo(32 * GpuDevices.named("h200").dollarsPerHour());
        assertThat(instance.kvTransferBytesPerSecond()).isEqualTo(32 * 50e9);
    }

    /** Each operation takes a microsecond more than the one before it, for each row; attention two for each decode and chunk. */
    private static final class CountableTimes implements OperatorTimes {
        @Override
        public double seconds(Operation operation, long rows) {
            return rows * 1e-6 * (operation.ordinal() + 1);
        }

        @Override
        public double attentionSeconds(long chunks, long chunkTokens, long chunkWork, long decodes, long decodeContext) {
            return 2e-6 * (chunks + decodes);
        }
    }

    @Test
    void aStagesTimeIsThatOfItsOperationsOneAfterTheOther() {
        GpuDevice device = GpuDevice.described("test", Map.of("like", "h100", "launch_us", 0));
        BatchPlan plan = PlanOf.decodes(10, 20).chunk(0, 5, false).plan();
        // 7 tokens: norms 2 + 2, QKV 3, rope 4, out 6, gate and up 7, activation 8, down 9; attention of 3 segments.
        double layer = 7 * 41e-6 + 6e-6;
        double embedding = 7 * 1e-6;
        // 2 rows: norm 2, logits 10.
        double logits = 2 * 12e-6;
        GpuInstance one = new GpuInstance(LLAMA, device, InstanceOptions.DEFAULT, new CountableTimes());
        assertThat(one.stageNanos(plan, 0) * 1e-9).isCloseTo(embedding + 32 * layer + logits, within(1e-7));

        GpuInstance staged = new GpuInstance(LLAMA, device, InstanceOptions.DEFAULT.parallel(2, 2), new CountableTimes());
        double sum = OperatorCoefficients.named("h100").allReduce(2).seconds(device, 7 * 4096 * 2.0);
        double gathered = 2 * 64_128 * 2.0 / device.linkBytesPerSecond();
        assertThat(staged.stageNanos(plan, 0) * 1e-9).isCloseTo(embedding + 16 * (layer + 2 * sum), within(1e-7));
        assertThat(staged.stageNanos(plan, 1) * 1e-9).isCloseTo(16 * (layer + 2 * sum) + logits + gathered, within(1e-7));
        assertThat(staged.activationTransferNanos(plan) * 1e-9)
                .isCloseTo(5e-6 + 7 * 4096.0 / device.linkBytesPerSecond(), within(1e-8));
        assertThat(one.hostNanos(plan)).isEqualTo(103_000);
    }

    @Test
    void kernelsOfADeviceHaveGapsBetweenThem() {
        GpuDevice apart = GpuDevice.described("test", Map.of("like", "h100", "launch_us", 2));
        GpuDevice close = GpuDevice.described("test", Map.of("like", "h100", "launch_us", 0));
        BatchPlan plan = PlanOf.decodes(10).plan();
        long difference = new GpuInstance(LLAMA, apart, InstanceOptions.DEFAULT).stageNanos(plan, 0)
                - new GpuInstance(LLAMA, close, InstanceOptions.DEFAULT).stageNanos(plan, 0);
        // Nine kernels in each layer, the embedding, the last norm and the logits.
        assertThat(difference).isCloseTo(2_000 * (32 * 9 + 3), within(200L));
    }

    @Test
    void ranksAreFasterButNotByTheirNumber() {
        TransformerSizes seventy = ModelShapes.named("llama-3.1-70b");
        BatchPlan plan = mixed();
        GpuInstance four = new GpuInstance(seventy, H100, InstanceOptions.DEFAULT.parallel(4, 1));
        GpuInstance eight = new GpuInstance(seventy, H100, InstanceOptions.DEFAULT.parallel(8, 1));
        assertThat(eight.stageNanos(plan, 0)).isLessThan(four.stageNanos(plan, 0)).isGreaterThan(four.stageNanos(plan, 0) / 2);
    }

    @Test
    void theCacheIsWhatWeightsLeaveFree() {
        // 72e9 bytes of 80e9, less 16.06e9 of weights, over 131,072 bytes a token.
        assertThat(ONE.kvBlocks(16)).isCloseTo(26_670, within(50L));
        assertThat(ONE.kvBytesPerToken()).isEqualTo(131_072);
        GpuInstance fp8 = new GpuInstance(LLAMA, H100, InstanceOptions.DEFAULT.stored(Quantisation.FP8, KvType.FP8));
        assertThat(fp8.kvBytesPerToken()).isEqualTo(65_536);
        assertThat(fp8.kvBlocks(16)).isGreaterThan(2 * ONE.kvBlocks(16));
        GpuInstance two = new GpuInstance(LLAMA, H100, InstanceOptions.DEFAULT.parallel(2, 1));
        assertThat(two.kvBytesPerToken()).isEqualTo(131_072);
        assertThat(two.kvBlocks(16)).isGreaterThan(2 * ONE.kvBlocks(16));
    }

    @Test
    void whatDoesNotFitIsRefusedWithTheNumbers() {
        assertThatThrownBy(() -> new GpuInstance(ModelShapes.named("llama-3.1-70b"), H100, InstanceOptions.DEFAULT))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("141.1 GB")
                .hasMessageContaining("72.0 GB")
                .hasMessageContaining("more ranks or stages");
        assertThatThrownBy(() -> new GpuInstance(LLAMA, H100, InstanceOptions.DEFAULT.parallel(16, 1)))
                .hasMessageContaining("16 ranks do not fit one server");
        assertThatThrownBy(() -> new GpuInstance(LLAMA, H100, InstanceOptions.DEFAULT.parallel(1, 33)))
                .hasMessageContaining("33 pipeline stages cannot share 32 layers");
    }

    @Test
    void aStepsTimeDoesNotDependOnWhoAsksAndAllocatesNothing() {
        int[] contexts = new int[256];
        Arrays.setAll(contexts, i -> 100 + 7 * i);
        BatchPlan plan = PlanOf.decodes(contexts).chunk(0, 256, true).plan();
        GpuInstance mistral = new GpuInstance(ModelShapes.named("mistral-7b"), H100, InstanceOptions.DEFAULT);
        long first = mistral.stageNanos(plan, 0);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long sum = 0;
        for (int i = 0; i < 20_000; i++) {
            sum += ask(mistral, plan);
        }
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < 20_000; i++) {
            sum += ask(mistral, plan);
        }
        assertThat((threads.getCurrentThreadAllocatedBytes() - before) / 20_000.0).as("bytes per step").isLessThan(1);
        assertThat(sum).isEqualTo(40_000 * (first + ask(mistral, plan) - first));
    }

    private static long ask(GpuInstance instance, BatchPlan plan) {
        return instance.stageNanos(plan, 0)
                + instance.activationTransferNanos(plan)
                + instance.hostNanos(plan)
                + (long) instance.stepJoules(plan);
    }
}
