package dev.pillion.kernels.virtual;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

/** Kernels as nvcc compiles them. */
class CompiledKernelTest {
    @Test
    void sumsOverABlock() {
        int n = 1000;
        Random random = new Random(1);
        short[] x = new short[n];
        float[] weight = new float[n];
        double sum = 0;
        for (int i = 0; i < n; i++) {
            x[i] = (short) Rounded.brainOf(random.nextFloat() - 0.5f);
            weight[i] = random.nextFloat() / 100;
            double value = Rounded.fromBrain(x[i]);
            sum += value * value * weight[i];
        }
        try (TestGpu gpu = new TestGpu(TestGpu.resource("reduce.ptx"))) {
            long out = gpu.allocate(8);
            gpu.run("weighted_squares", 2, 128, 0, gpu.upload(x), gpu.upload(weight), out, n);
            double expected = sum / Math.sqrt(sum + 1e-5) + Math.exp(sum) + Math.sin(sum);
            assertThat(gpu.floats(out, 2)[0]).isCloseTo((float) expected, within(1e-5f));
            assertThat(gpu.floats(out, 2)[1]).isEqualTo(gpu.floats(out, 2)[0]);
            assertThat(gpu.statistics).hasSize(1);
            LaunchStatistics statistics = gpu.statistics.getFirst();
            assertThat(statistics.bytesRead()).isEqualTo(2L * n * (2 + 4));
            assertThat(statistics.bytesWritten()).isEqualTo(2 * 4);
        }
    }
}
