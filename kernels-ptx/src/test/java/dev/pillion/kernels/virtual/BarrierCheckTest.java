package dev.pillion.kernels.virtual;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pillion.kernels.driver.GpuException;
import org.junit.jupiter.api.Test;

/** Barriers that not all threads reach, and instructions of a warp that not all named lanes execute. */
class BarrierCheckTest {
    private static void found(String body, String... words) {
        GpuException error = new SeededBug(body).error(64);
        assertThat(error).isNotNull();
        assertThat(error).hasMessageContainingAll(words);
        assertThat(error.resultName()).isEqualTo("CUDA_ERROR_LAUNCH_FAILED");
    }

    @Test
    void divergence() {
        String body = "and.b32 %r1, %t, 1; setp.eq.u32 %p, %r1, 0; @%p bra skip; bar.sync 0; //!\nskip: mov.u32 %r2, 0;";
        new SeededBug(body).isFound(Check.BARRIER, CudaResult.LAUNCH_FAILED, 32, "barrier divergence",
                "thread (0, 0, 0) and 15 more (lanes 0x55555555) of the warp went another way",
                "thread (1, 0, 0) and 15 more");
    }

    @Test
    void exitedThreads() {
        new SeededBug("setp.ge.u32 %p, %t, 60; @%p ret; bar.sync 0; //!").isFound(Check.BARRIER,
                CudaResult.LAUNCH_FAILED, 64,
                "can no longer reach", "thread (60, 0, 0) and 3 more");
    }

    @Test
    void exitedWarps() {
        new SeededBug("setp.ge.u32 %p, %t, 32; @%p ret; bar.sync 0; //!").isFound(Check.BARRIER,
                CudaResult.LAUNCH_FAILED, 64,
                "deadlock", "1 warps exited");
    }

    @Test
    void deadlock() {
        found("setp.ge.u32 %p, %t, 32; @%p bra other; bar.sync 1, 64; //!\n ret; other: bar.sync 2, 64;", "deadlock",
                "1 warps wait at other barriers");
        // Whatever is checked: nothing moves any more.
        String body = "setp.ge.u32 %p, %t, 32; @%p bra other; bar.sync 1, 96; ret; other: bar.sync 2, 96;";
        assertThat(new SeededBug(body).error(64,
                VirtualGpuDriver.builder().without(Check.BARRIER))).hasMessageContaining("deadlock");
    }

    @Test
    void lanesThatAreNotThere() {
        found("setp.ge.u32 %p, %t, 16; @%p bra skip; shfl.sync.bfly.b32 %r1, %t, 1, 31, -1; skip: mov.u32 %r2, 0;",
                "member mask 0xffffffff names thread (16, 0, 0) and 15 more (lanes 0xffff0000), which went another way",
                "shfl.sync.bfly.b32 %r1, %t, 1, 31, -1");
        found("setp.ge.u32 %p, %t, 16; @%p ret; vote.sync.any.pred %q, %p, -1;", "which exited");
        found("bar.warp.sync 1;", "does not name thread (1, 0, 0) and 30 more");
        assertThat(new SeededBug("setp.ge.u32 %p, %t, 16; @%p bra skip; shfl.sync.bfly.b32 %r1, %t, 16, 31, 65535;"
                + " skip: mov.u32 %r2, 0;").error(32)).hasMessageContaining("shuffle from lane 16");
        new SeededBug("setp.ge.u32 %p, %t, 16; @%p bra skip; shfl.sync.bfly.b32 %r1, %t, 1, 31, 65535; skip: mov.u32 %r2, 0;").isClean(32);
    }

    @Test
    void shortWarpsAreWhole() {
        // A block of 40: the last warp has 8 threads, of which a full mask names no other.
        new SeededBug("bar.sync 0; bar.warp.sync -1; vote.sync.any.pred %q, %p, -1; setp.eq.u32 %p, %t, 0;").isClean(40);
    }

    @Test
    void endlessLoops() {
        GpuException error = new SeededBug("again: bra again;").error(32,
                VirtualGpuDriver.builder().instructionLimit(100_000));
        assertThat(error.resultName()).isEqualTo("CUDA_ERROR_LAUNCH_TIMEOUT");
        assertThat(error).hasMessageContaining("kernel k, block (0, 0, 0), warp 0: still running");
    }

    @Test
    void traps() {
        GpuException error = new SeededBug("setp.eq.u32 %p, %t, 3; @%p trap;").error(32);
        assertThat(error.resultName()).isEqualTo("CUDA_ERROR_ILLEGAL_INSTRUCTION");
        assertThat(error).hasMessageContaining("thread (3, 0, 0)");
    }
}
