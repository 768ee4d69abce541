package dev.pillion.kernels.virtual;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.pillion.kernels.driver.GpuException;

/**
 * A kernel with a bug. Its text marks the line that is to be blamed with {@code //!}; {@code %t} is the thread, {@code
 * %g}
 * the global address of its own word in the first argument, {@code %s} the offset of its own word in shared memory.
 */
final class SeededBug {
    private static final String PROLOGUE = """
            .reg .pred %p, %q; .reg .b16 %h<4>; .reg .b32 %t, %s, %r<8>; .reg .b64 %g, %o, %a<4>;
            .shared .align 16 .b8 tile[1024]; .local .align 16 .b8 own[64];
            mov.u32 %t, %tid.x; ld.param.u64 %a0, [k0]; mul.wide.u32 %o, %t, 4; add.s64 %g, %a0, %o;
            shl.b32 %s, %t, 2; mov.u32 %r0, tile; add.s32 %s, %s, %r0;
            """;

    private final String ptx;
    private final int line;

    SeededBug(String body) {
        ptx = TestGpu.kernel(".param .u64 k0", PROLOGUE + body + "\nret;");
        int found = 0;
        String[] lines = ptx.split("\n");
        for (int i = 0; i < lines.length; i++) {
            found = lines[i].contains("//!") ? i + 1 : found;
        }
        line = found;
    }

    /** Runs with all checks on a word for each thread, and returns the error. */
    GpuException error(int threads) {
        return error(threads, VirtualGpuDriver.builder());
    }

    GpuException error(int threads, VirtualGpuDriver.Builder builder) {
        try (TestGpu gpu = new TestGpu(ptx, builder)) {
            long words = gpu.upload(new int[threads]);
            gpu.context.launch(gpu.prepare("k", 2, threads, 0, words), 0);
            return catchThrowableOfType(GpuException.class, () -> gpu.context.synchronize(0));
        }
    }

    /**
     * The check fires with these words in the report, at the marked line, in kernel k and block 0; without it all is
     * well.
     */
    void isFound(Check check, CudaResult result, int threads, String... words) {
        GpuException error = error(threads);
        assertThat(error).as("nothing was found in\n%s", ptx).isNotNull();
        assertThat(error).hasMessageContaining("kernel k, PTX line " + line
                + ": ").hasMessageContaining("block (0, 0, 0)");
        assertThat(error).hasMessageContainingAll(words);
        assertThat(error.result()).isEqualTo(result.code());
        assertThat(error.sticky()).isTrue();
        assertThat(error(threads, VirtualGpuDriver.builder().without(check))).as("found without the check").isNull();
    }

    /** There is nothing to find. */
    void isClean(int threads) {
        GpuException error = error(threads);
        assertThat(error).as("found something in\n%s", ptx).isNull();
    }
}
