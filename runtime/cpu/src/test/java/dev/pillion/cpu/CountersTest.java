package dev.pillion.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pillion.model.TensorType;
import dev.pillion.spi.Activation;
import dev.pillion.spi.AttentionSpec;
import dev.pillion.spi.DeviceTensor;
import dev.pillion.spi.OperationCounters;
import dev.pillion.spi.Weight;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class CountersTest {
    @Test
    void countsLayersByTheirWeights() {
        SplittableRandom random = Seed.random();
        try (CpuBackend backend = new CpuBackend(KernelSets.CHOSEN, 1)) {
            Weight table = backend.weight(RandomTensors.matrix(TensorType.Q8_0, 50, 64, random));
            Weight gain = backend.weight(RandomTensors.vector(64, random));
            Weight w = backend.weight(RandomTensors.matrix(TensorType.Q4_0, 96, 64, random));
            Weight bias = backend.weight(RandomTensors.vector(96, random));
            DeviceTensor x = backend.allocate(3, 64);
            DeviceTensor y = backend.allocate(3, 96);
            OperationCounters counters = backend.counters();
            Steps.begin(backend, 1, 2, 2);

            backend.embed(table, x);
            assertThat(counters.weightBytes).isEqualTo(3 * 68);
            assertThat(counters.flops).isZero();
            backend.rmsNorm(x, gain, 1e-6f, x, 3);
            assertThat(counters.weightBytes).isEqualTo(3 * 68 + 256);
            backend.linear(x, w, null, y, 3);
            assertThat(counters.flops).isEqualTo(2L * 96 * 64 * 3);
            assertThat(counters.weightBytes).isEqualTo(3 * 68 + 256 + 96 * 36);
            backend.linear(x, w, bias, y, 2);
            assertThat(counters.flops).isEqualTo(2L * 96 * 64 * 5);
            assertThat(counters.weightBytes).isEqualTo(3 * 68 + 256 + 2 * 96 * 36 + 384);
            backend.gatedActivation(Activation.SILU, y, y, y);
            backend.add(x, x);
            assertThat(counters.operations).isEqualTo(6);
            counters.reset();
            assertThat(counters.flops + counters.weightBytes + counters.operations).isZero();
        }
    }

    @Test
    void countsAttentionByVisibleContext() {
        AttentionSpec spec = new AttentionSpec(1, 4, 2, 8, 1, AttentionSpec.NO_WINDOW);
        int tokenBytes = 2 * 2 * 8 * 4;
        try (AttentionRun run = new AttentionRun(KernelSets.CHOSEN, 2, spec, TensorType.F32, 16, 0, 1, 100, 50)) {
            run.step().group(0).segment(0, 0, 100).group(0).segment(1, 0, 49).run();
            OperationCounters counters = run.counters();
            assertThat(counters.flops).isEqualTo(4L * 4 * 8 * (100 * 101 / 2 + 49 * 50 / 2));
            assertThat(counters.kvReadBytes).isEqualTo(149L * tokenBytes);
            assertThat(counters.kvWriteBytes).isEqualTo(149L * tokenBytes);
            counters.reset();
            run.step().group(0).segment(1, 49, 1).run();
            assertThat(counters.flops).isEqualTo(4L * 4 * 8 * 50);
            assertThat(counters.kvReadBytes).isEqualTo(50L * tokenBytes);
            assertThat(counters.kvWriteBytes).isEqualTo(tokenBytes);
        }
    }

    @Test
    void countsSharedBlocksOncePerGroupUnlessAWindowShowsEachSegmentItsOwnPart() {
        int tokenBytes = 2 * 2 * 8 * 2;
        for (int window : new int[] {AttentionSpec.NO_WINDOW, 30}) {
            AttentionSpec spec = new AttentionSpec(0, 4, 2, 8, 1, window);
            try (AttentionRun run = new AttentionRun(
                    KernelSets.CHOSEN, 1, spec, TensorType.F16, 16, 2, 1, 41, 36, 50)) {
                run.step().group(0).segment(0, 0, 32).run();
                run.step().group(2).segment(0, 32, 8).segment(1, 32, 3).segment(2, 32, 17).run();
                OperationCounters counters = run.counters();
                counters.reset();
                run.step().group(2).segment(0, 40, 1).segment(1, 35, 1).segment(2, 49, 1).run();
                // Without a window 32 shared, then 9, 4 and 18 own.
                int expected = window == 30 ? 3 * 30 : 32 + 9 + 4 + 18;
                assertThat(counters.kvReadBytes).isEqualTo((long) expected * tokenBytes);
                long visible = window == 30 ? 3 * 30 : 41 + 36 + 50;
                assertThat(counters.flops).isEqualTo(4L * 4 * 8 * visible);
                counters.reset();
                run.step().group(0).segment(2, 45, 5).run();
                // The first of the five sees from position 16 on.
                int chunk = window == 30 ? 30 + 4 : 50;
                assertThat(counters.kvReadBytes).isEqualTo((long) chunk * tokenBytes);
            }
        }
    }
}
