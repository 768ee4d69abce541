package dev.pillion.kernels.virtual;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random control flow, its blocks in random order, against Java; without returns, lanes must meet between statements.
 */
class RandomFlowTest {
    private static final int PROGRAMS = 60;

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void computesWhatEachThreadAloneWould(boolean returns) {
        for (long seed = 0; seed < PROGRAMS; seed++) {
            String ptx = new RandomFlow(seed, returns).ptx();
            RandomFlow oracle = new RandomFlow(seed, returns);
            try (TestGpu gpu = new TestGpu(ptx)) {
                long out = gpu.allocate(4 * 64);
                gpu.run("k", 1, 64, 0, out);
                int[] got = gpu.ints(out, 64);
                for (int i = 0; i < 64; i++) {
                    assertThat(got[i]).as("thread %d of program %d", i, seed).isEqualTo(oracle.run(i));
                }
            } catch (RuntimeException e) {
                throw new AssertionError("program " + seed + "\n" + ptx, e);
            }
        }
    }
}
