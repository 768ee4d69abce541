package dev.pillion.kernels.virtual;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

/** Diverging control flow as nvcc compiles it, each thread against the same computation in Java. */
class ControlFlowTest {
    private static final String FLOW = TestGpu.resource("flow.ptx");

    @Test
    void loopsOfDifferentLengths() {
        int n = 500;
        try (TestGpu gpu = new TestGpu(FLOW)) {
            long out = gpu.allocate(4 * n);
            gpu.run("collatz", 4, 128, 0, out, n);
            int[] steps = gpu.ints(out, n);
            for (int i = 0; i < n; i++) {
                int expected = 0;
                for (long value = i + 1; value != 1; expected++) {
                    value = value % 2 == 0 ? value / 2 : 3 * value + 1;
                }
                assertThat(steps[i]).as("steps of %d", i + 1).isEqualTo(expected);
            }
        }
    }

    @Test
    void lanesMeetAfterLoops() {
        int[] sums = new int[64];
        for (int round = 0; round < 5; round++) {
            int[] values = new int[64];
            for (int i = 0; i < 64; i++) {
                values[i] = meetValue(i, round);
            }
            for (int i = 0; i < 64; i++) {
                int odd = 0;
                for (int lane = 0; lane < 32; lane++) {
                    odd += values[i / 32 * 32 + lane] & 1;
                }
                sums[i] += values[i ^ 1 + round] + odd;
            }
        }
        try (TestGpu gpu = new TestGpu(FLOW)) {
            long out = gpu.allocate(4 * 64);
            gpu.run("meet", 1, 64, 0, out);
            assertThat(gpu.ints(out, 64)).isEqualTo(sums);
        }
    }

    private static int meetValue(int i, int round) {
        int value = 0;
        for (int j = 0; j < (i * 7 + round) % 11; j++) {
            if ((i + j) % 3 == 0) {
                continue;
            }
            for (int k = 0; k < (i + j) % 4; k++) {
                value += i ^ k;
                if (value > 90 + round) {
                    break;
                }
            }
            if (value % 13 == 5) {
                break;
            }
        }
        return value;
    }

    @Test
    void switchesAndEarlyReturns() {
        try (TestGpu gpu = new TestGpu(FLOW)) {
            long out = gpu.allocate(4 * 256);
            gpu.run("switches", 1, 256, 0, out, 40);
            int[] got = gpu.ints(out, 256);
            for (int i = 0; i < 256; i++) {
                assertThat(got[i]).as("thread %d", i).isEqualTo(switched(i, 40));
            }
        }
    }

    private static int switched(int i, int rounds) {
        int value = i;
        for (int round = 0; round < rounds; round++) {
            switch ((value + round) % 9) {
                case 0:
                    value += 3;
                    break;
                case 1:
                    value = (value ^ 0x55) + i;
                    break;
                case 2:
                    value += i;
                    break;
                case 3:
                    value = value * 5 - 7;
                    break;
                case 4:
                    if (i % 5 == 4) {
                        return -value;
                    }
                    value -= 11;
                    break;
                case 5:
                    value -= 11;
                    break;
                case 6:
                    for (int k = 0; k < i % 6; k++) {
                        value += k * round;
                    }
                    break;
                case 7:
                    value = ~value;
                    break;
                default:
                    value &= 0xffff;
            }
        }
        return value;
    }

    private record Pair(int low, float high) {}

    private static Pair mix(int a, float b, int depth) {
        int low = a;
        float high = b;
        for (int i = 0; i < depth; i++) {
            if ((low & 1) != 0) {
                low = low * 3 + i;
                continue;
            }
            low >>= 1;
            high += i;
            if (low == 2) {
                break;
            }
        }
        return new Pair(low, high);
    }

    @Test
    void callsOfFunctions() {
        try (TestGpu gpu = new TestGpu(FLOW)) {
            long ints = gpu.allocate(4 * 96);
            long floats = gpu.allocate(4 * 96);
            gpu.run("calls", 1, 96, 0, ints, floats);
            int[] gotInts = gpu.ints(ints, 96);
            float[] gotFloats = gpu.floats(floats, 96);
            for (int i = 0; i < 96; i++) {
                Pair pair = mix(i, i * 0.25f, i % 7);
                int expected = i % 3 != 0 ? pair.low() : mix(i, 0.5f, i % 5).low() + mix(i + 1, 1.5f, i % 5 / 2).low();
                assertThat(gotInts[i]).as("thread %d", i).isEqualTo(expected);
                assertThat(gotFloats[i]).as("thread %d", i).isEqualTo(pair.high());
            }
        }
    }

    @Test
    void localMemory() {
        int perThread = 50;
        int[] values = new Random(17).ints(64 * perThread).toArray();
        try (TestGpu gpu = new TestGpu(FLOW)) {
            long out = gpu.allocate(4 * 64);
            gpu.run("histogram", 1, 64, 0, gpu.upload(values), out, perThread);
            int[] got = gpu.ints(out, 64);
            for (int i = 0; i < 64; i++) {
                int[] counts = new int[16];
                for (int k = 0; k < perThread; k++) {
                    counts[values[i * perThread + k] & 15]++;
                }
                int best = 0;
                for (int k = 1; k < 16; k++) {
                    best = counts[k] > counts[best] ? k : best;
                }
                assertThat(got[i]).as("thread %d", i).isEqualTo(best * 1000 + counts[best]);
            }
        }
    }
}
