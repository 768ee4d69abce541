package dev.pillion.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class CostModelTest {
    /** Llama 3.1 8B with f16 weights and cache. */
    private static final ModelShape LLAMA_8B =
            ModelShape.uniform(32, 4096, 32, 8, 128, 14336, 128_256, 16, 2, 2);

    @Test
    void theNumbersOfAKnownModelComeOut() {
        assertThat(LLAMA_8B.kvBytesPerToken()).isEqualTo(131_072);
        // 8.03e9 parameters, of which the embedding's 0.525e9 are not read as a matrix.
        assertThat(LLAMA_8B.weightBytesPerStep() / 2).isEqualTo(7_504_658_432L);
        assertThat(LLAMA_8B.linearWeights()).isEqualTo(6_979_321_856L);
        assertThat(LLAMA_8B.kvBlocksWithin(16L << 30, 16)).isEqualTo(8192);

        CostModel model = new CostModel(LLAMA_8B);
        StepCost decode = model.estimate(model.newBatch().add(1023, 1, true));
        assertThat(decode.weightBytes()).isEqualTo(LLAMA_8B.weightBytesPerStep() + 8192);
        assertThat(decode.flops()).isEqualTo(2 * 7_504_658_432L + 4L * 32 * 4096 * 1024);
        assertThat(decode.kvReadBytes()).isEqualTo(1024 * 131_072L);
        assertThat(decode.kvWriteBytes()).isEqualTo(131_072);
        assertThat(decode.launches()).isEqualTo(12 * 32 + 5);

        DeviceCeilings h200 = new DeviceCeilings(4e12, 800e12, 0);
        assertThat(decode.seconds(h200)).isCloseTo(15.0e9 / 4e12, within(0.1e-3));
        assertThat(decode.of(Operation.DOWN).isComputeBound(h200)).isFalse();
        StepCost prefill = model.estimate(model.newBatch().add(0, 2048, true));
        assertThat(prefill.of(Operation.DOWN).isComputeBound(h200)).isTrue();
        assertThat(prefill.of(Operation.DOWN).intensity()).isGreaterThan(1000);
    }

    @Test
    void aHybridBatchReadsEachMatrixOnceAndEachSegmentsContextOnce() {
        CostModel model = new CostModel(LLAMA_8B);
        StepCost hybrid = model.estimate(
                model.newBatch().add(512, 256, false).add(100, 1, true).add(200, 1, true));
        assertThat(hybrid.weightBytes()).isEqualTo(LLAMA_8B.weightBytesPerStep() + 258 * 8192);
        assertThat(hybrid.kvReadBytes()).isEqualTo((768 + 101 + 201) * 131_072L);
        assertThat(hybrid.kvWriteBytes()).isEqualTo(258 * 131_072L);
        assertThat(hybrid.of(Operation.LOGITS).flops()).isEqualTo(2L * 2 * 128_256 * 4096);
        assertThat(hybrid.of(Operation.QKV).flops()).isEqualTo(2L * 32 * 4096 * (4096 + 2048) * 258);

        StepCost chunk = model.estimate(model.newBatch().add(0, 256, false));
        assertThat(chunk.of(Operation.LOGITS).weightBytes()).isZero();
        assertThat(chunk.launches()).isEqualTo(12 * 32 + 2);
        assertThat(model.estimate(model.newBatch()).seconds(new DeviceCeilings(1, 1, 1))).isZero();
    }

    @Test
    void aSharedRunIsReadOnce() {
        CostModel model = new CostModel(LLAMA_8B);
        BatchShape batch = model.newBatch();
        for (int i = 0; i < 32; i++) {
            batch.add(1040, 1, true);
        }
        long apart = model.estimate(batch).kvReadBytes();
        long flops = model.estimate(batch).flops();
        batch.shareRun(1024, 32);
        assertThat(apart - model.estimate(batch).kvReadBytes()).isEqualTo(31 * 1024 * 131_072L);
        assertThat(model.estimate(batch).flops()).isEqualTo(flops);
    }

    @Test
    void contextsAndWindowsAgreeWithCountingTokenByToken() {
        long seed = Long.getLong("pillion.test.seed", 21);
        SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 500; round++) {
            int window = 1 + random.nextInt(30);
            int layers = 6;
            int windowed = 1 + random.nextInt(layers);
            ModelShape shape = new ModelShape(
                    layers, 8, 2, 1, 4, 16, 32, random.nextBoolean(), random.nextBoolean(),
                    1, 2, 3, 4, 5, 6, 2L * layers * 4 * 2, windowed, window, 4);
            CostModel model = new CostModel(shape);
            BatchShape batch = model.newBatch();
            long pairs = 0;
            long windowPairs = 0;
            long read = 0;
            long windowRead = 0;
            for (int segment = 0; segment < 4; segment++) {
                int start = random.nextInt(60);
                int length = 1 + random.nextInt(40);
                batch.add(start, length, random.nextBoolean());
                java.util.BitSet reached = new java.util.BitSet();
                for (int p = start; p < start + length; p++) {
                    pairs += p + 1;
                    windowPairs += Math.min(p + 1, window);
                    reached.set(Math.max(0, p + 1 - window), p + 1);
                }
                read += start + length;
                windowRead += reached.cardinality();
            }
            OperationCost attention = model.estimate(batch).of(Operation.ATTENTION);
            int full = layers - windowed;
            assertThat(attention.flops()).as("seed %d round %d", seed, round)
                    .isEqualTo(4 * 8 * (full * pairs + windowed * windowPairs));
            assertThat(attention.kvReadBytes()).isEqualTo(16 * (full * read + windowed * windowRead));
        }
    }

    @Test
    void aPlansShapeIsTheSumOfItsSegments() {
        Bench bench = new Bench(1000, 8, 16);
        bench.submit(Bench.sequence(1, 5));
        bench.step();
        bench.submit(Bench.sequence(2, 40));
        bench.step();
        BatchPlan plan = bench.plan();
        BatchShape shape = new BatchShape(LLAMA_8B).addAll(plan);
        assertThat(shape.tokens()).isEqualTo(plan.tokens()).isEqualTo(16);
        assertThat(shape.logitsRows()).isEqualTo(1);
        assertThat(shape.attendedTokens()).isEqualTo(plan.prefillWork() + plan.decodeContext());
        BatchShape totals = new BatchShape(LLAMA_8B).addTotals(plan);
        assertThat(totals.tokens()).isEqualTo(shape.tokens());
        assertThat(totals.logitsRows()).isEqualTo(shape.logitsRows());
        assertThat(totals.attendedTokens()).isEqualTo(shape.attendedTokens());
        assertThat(totals.kvReadTokens()).isEqualTo(shape.kvReadTokens());
        assertThat(totals.decodes()).isEqualTo(shape.decodes()).isEqualTo(1);
        assertThat(totals.decodeAttendedTokens()).isEqualTo(plan.decodeContext());
        assertThat(totals.chunks()).isEqualTo(shape.chunks()).isEqualTo(1);
        shape.clear();
        assertThat(shape.attendedTokens() + shape.kvReadTokens() + shape.tokens() + shape.logitsRows()).isZero();
    }

    @Test
    void theCoefficientsPredictWhatTheRooflineSaysAtItsEnds() {
        CostModel model = new CostModel(LLAMA_8B);
        DeviceCeilings device = new DeviceCeilings(4e12, 800e12, 2e-6);
        StepTimeModel times = new StepTimeModel(new CountBasis(model.stepTimeCoefficientsNanos(device)));
        double decode = model.estimate(model.newBatch().add(1000, 1, true)).seconds(device) * 1e9;
        assertThat(times.predictNanos(times.newBatch().add(1000, 1, true))).isCloseTo(decode, within(0.05 * decode));
    }

    @Test
    void impossibleShapesAndDevicesAreRefused() {
        assertThatThrownBy(() -> ModelShape.uniform(0, 8, 2, 1, 4, 16, 32, 16, 2, 4))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new DeviceCeilings(0, 1, 0)).isInstanceOf(IllegalArgumentException.class);
    }
}
