package dev.pillion.conformance.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pillion.kernels.RowsGeometry;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** {@code copy_blocks}: blocks of any size, padding pairs left alone. */
class CopyBlocksKernelTest {
    private static final int BLOCKS = 6;

    @Test
    void copiesBlocks() {
        int[] sizes = {4096, 16, 48, 7, 1001, 70_000};
        try (GpuUnderTest gpu = GpuUnderTest.open()) {
            for (int number = 0; number < sizes.length; number++) {
                SplittableRandom random = Cases.random(number);
                int bytes = sizes[number];
                byte[] from = new byte[BLOCKS * bytes];
                byte[] to = new byte[BLOCKS * bytes];
                random.nextBytes(from);
                random.nextBytes(to);
                int[] pairs = {random.nextInt(BLOCKS), 3, -1, 2, random.nextInt(BLOCKS), 0, 1, -1};
                byte[] expected = to.clone();
                System.arraycopy(from, pairs[0] * bytes, expected, 3 * bytes, bytes);
                System.arraycopy(from, pairs[4] * bytes, expected, 0, bytes);
                try (KernelRun run = new KernelRun(gpu)) {
                    KernelRun.Output target = run.inOut(MemorySegment.ofArray(to));
                    run.launch("blocks", "copy_blocks", launch -> RowsGeometry.copyBlocks(launch, 4, bytes),
                            run.input(MemorySegment.ofArray(from)), target, run.input(pairs), 4, (long) bytes);
                    assertThat(run.read(target).toArray(ValueLayout.JAVA_BYTE))
                            .as("%d bytes, %s", bytes, Cases.describe(number)).isEqualTo(expected);
                }
            }
        }
    }
}
