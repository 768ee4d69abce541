package dev.pillion.kernels.virtual;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pillion.kernels.driver.GpuException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

/** Seeded bugs in the use of memory: the checks find them, name line, thread and allocation, and can be turned off. */
class MemoryChecksTest {
    private static void outside(String body, String... words) {
        new SeededBug(body).isFound(Check.BOUNDS, CudaResult.ILLEGAL_ADDRESS, 64, words);
    }

    @Test
    void readsPastTheEnd() {
        // Thread 63 reads the word after the last one.
        outside("ld.global.u32 %r1, [%g+4]; //!", "out-of-bounds read of 4 bytes", "thread (63, 0, 0)",
                "0 bytes past the end of allocation 1 (256 bytes at 0x");
    }

    @Test
    void writesPastTheEnd() {
        outside("st.global.u32 [%g+128], 1; //!", "out-of-bounds write of 4 bytes", "thread (32, 0, 0)",
                "past the end of allocation 1");
    }

    @Test
    void readsAVectorAcrossTheEnd() {
        outside("setp.ne.u32 %p, %t, 31; @%p ret; ld.global.v4.u32 {%r1, %r2, %r3, %r4}, [%a0+248]; //!", "16 bytes",
                "thread (31, 0, 0)");
    }

    @Test
    void readsBeforeTheBeginning() {
        outside("ld.global.u32 %r1, [%g+-4]; //!", "thread (0, 0, 0)", "4 bytes before allocation 1");
    }

    @Test
    void readsThroughNull() {
        outside("mov.u64 %a1, 0; ld.global.u32 %r1, [%a1+8]; //!", "null + 8");
    }

    @Test
    void updatesOutside() {
        outside("atom.global.add.u32 %r1, [%g+4], 1; //!", "thread (63, 0, 0)");
    }

    @Test
    void copiesFromOutside() {
        outside("shl.b32 %s, %t, 2; and.b32 %s, %s, 255; cp.async.ca.shared.global [%s], [%g+4], 4; //!\n cp.async.wait_all;",
                "out-of-bounds read", "thread (63, 0, 0)");
    }

    @Test
    void leavesSharedMemory() {
        outside("st.shared.u32 [%s+800], 1; //!", "shared memory: the block has 1024 bytes", "thread (56, 0, 0)");
    }

    @Test
    void leavesLocalMemory() {
        outside("mov.u64 %a1, own; add.s64 %a1, %a1, %o; st.local.u32 [%a1], 1; //!",
                "local memory: a thread has 64 bytes",
                "thread (16, 0, 0)");
    }

    @Test
    void leavesSharedMemoryThroughAGenericAddress() {
        outside("cvt.u64.u32 %a1, %s; cvta.shared.u64 %a1, %a1; st.u32 [%a1+800], 1; //!", "shared memory",
                "thread (56, 0, 0)");
    }

    @Test
    void usesFreedMemory() {
        String ptx = TestGpu.kernel(".param .u64 k0",
                ".reg .b64 %a; .reg .b32 %r; ld.param.u64 %a, [k0]; ld.global.u32 %r, [%a]; ret;");
        try (TestGpu gpu = new TestGpu(ptx)) {
            long freed = gpu.upload(1, 2, 3);
            gpu.run("k", 1, 1, 0, freed);
            gpu.context.free(freed);
            gpu.allocate(12);
            assertThatThrownBy(() -> gpu.run("k", 1, 1, 0, freed)).isInstanceOf(GpuException.class)
                    .hasMessageContaining("byte 0 of freed allocation 1 (12 bytes at 0x");
        }
    }

    private static void misaligned(String body, String... words) {
        new SeededBug(body).isFound(Check.ALIGNMENT, CudaResult.MISALIGNED_ADDRESS, 64, words);
    }

    @Test
    void crossesAlignment() {
        misaligned("setp.ne.u32 %p, %t, 5; @%p ret; ld.global.u32 %r1, [%g+2]; //!", "misaligned read of 4 bytes",
                "thread (5, 0, 0)");
        misaligned("setp.ne.u32 %p, %t, 5; @%p ret; st.global.v2.u32 [%g], {%r1, %r1}; //!",
                "misaligned write of 8 bytes");
        misaligned("st.shared.u16 [%s+1], %h0; //!", "misaligned write of 2 bytes", "shared memory",
                "thread (0, 0, 0)");
        misaligned("mov.u64 %a1, own; st.local.u64 [%a1+4], %a1; //!", "local memory");
        misaligned("setp.ne.u32 %p, %t, 5; @%p ret; cp.async.ca.shared.global [%s], [%g+2], 4; //!\n cp.async.wait_all;", "thread (5, 0, 0)");
    }

    private static void unwritten(String body, String... words) {
        new SeededBug(body).isFound(Check.UNWRITTEN, CudaResult.LAUNCH_FAILED, 64, words);
    }

    @Test
    void readsUnwrittenSharedMemory() {
        unwritten("setp.eq.u32 %p, %t, 40; @%p bra rest; st.shared.u32 [%s], 1; rest: bar.sync 0; ld.shared.u32 %r1, [%s]; //!",
                "never written", "shared memory", "thread (40, 0, 0)");
        unwritten("st.shared.u16 [%s], %h0; bar.sync 0; ld.shared.u32 %r1, [%s]; //!", "never written",
                "thread (0, 0, 0)");
        unwritten("atom.shared.add.u32 %r1, [%s], 1; //!", "never written");
    }

    @Test
    void readsUnwrittenLocalMemory() {
        unwritten("mov.u64 %a1, own; st.local.u32 [%a1], 1; ld.local.u32 %r1, [%a1+4]; //!", "never written",
                "local memory");
    }

    @Test
    void forgetsSharedMemoryBetweenBlocks() {
        // Only block 0 writes: what block 1 reads was written by another block.
        String body = "mov.u32 %r1, %ctaid.x; setp.ne.u32 %p, %r1, 0; @%p bra rest; st.shared.u32 [%s], 1; rest: bar.sync 0;"
                + " ld.shared.u32 %r1, [%s]; //!";
        GpuException error = new SeededBug(body).error(64, VirtualGpuDriver.builder().threads(1));
        assertThat(error).hasMessageContaining("never written").hasMessageContaining("block (1, 0, 0)");
    }

    private static final String READ = TestGpu.kernel(".param .u64 k0, .param .u64 k1", """
            .reg .b64 %a, %b; .reg .b32 %r; ld.param.u64 %a, [k0]; ld.param.u64 %b, [k1];
            ld.global.u32 %r, [%a]; st.global.u32 [%b], %r;
            ret;""");

    @Test
    void readsUnwrittenDeviceMemory() {
        try (TestGpu gpu = new TestGpu(READ)) {
            long unwritten = gpu.allocate(64);
            assertThatThrownBy(() -> gpu.run("k", 1, 1, 0, unwritten, gpu.allocate(4))).isInstanceOf(GpuException.class)
                    .hasMessageContaining("never written").hasMessageContaining("ld.global.u32 %r, [%a]")
                    .hasMessageContaining("byte 0 of allocation 1 (64 bytes");
        }
    }

    @Test
    void knowsWhichBytesWereWritten() {
        try (TestGpu gpu = new TestGpu(READ)) {
            long half = gpu.allocate(600_000);
            long other = gpu.allocate(600_000);
            gpu.context.fill(half, (byte) 1, 300_000, 0);
            gpu.run("k", 1, 1, 0, half + 299_996, half + 500_000);
            assertThat(gpu.ints(half + 500_000, 1)).containsExactly(0x01010101);
            gpu.context.copyOnDevice(other, half, 600_000, 0);
            gpu.run("k", 1, 1, 0, other + 500_000, other);
            assertThatThrownBy(() -> gpu.run("k", 1, 1, 0, other + 300_000, other)).isInstanceOf(GpuException.class)
                    .hasMessageContaining("never written");
        }
    }

    @Test
    void copiesOfUnwrittenMemoryToTheHost() {
        try (TestGpu gpu = new TestGpu(READ)) {
            long unwritten = gpu.allocate(64);
            gpu.context.fill(unwritten, (byte) 0, 60, 0);
            assertThatThrownBy(() -> gpu.ints(unwritten, 16)).isInstanceOf(GpuException.class)
                    .hasMessageContaining("copy to the host").hasMessageContaining("byte 60 of allocation 1");
        }
    }

    @Test
    void readsZerosWhereNobodyMinds() {
        try (TestGpu gpu = new TestGpu(READ,
                VirtualGpuDriver.builder().without(Check.UNWRITTEN).without(Check.BOUNDS))) {
            long out = gpu.upload(1, 1);
            gpu.run("k", 1, 1, 0, gpu.allocate(64), out);
            gpu.run("k", 1, 1, 0, out + 8, out + 4);
            gpu.run("k", 1, 1, 0, out, out + 8);
            assertThat(gpu.ints(out, 2)).containsExactly(0, 0);
        }
    }

    @Test
    void checksCopiesAtTheCall() {
        try (TestGpu gpu = new TestGpu(READ); Arena arena = Arena.ofConfined()) {
            MemorySegment host = arena.allocate(64);
            long device = gpu.allocate(32);
            assertThatThrownBy(() -> gpu.context.copyToDevice(device, host, 0)).isInstanceOf(GpuException.class)
                    .hasMessageContaining("CUDA_ERROR_INVALID_VALUE (1)").hasMessageContaining("byte 0 of allocation 1 (32 bytes");
            assertThatThrownBy(() -> gpu.context.free(device + 8)).isInstanceOf(GpuException.class);
            // None of these is sticky.
            assertThatCode(() -> gpu.context.copyToDevice(device, host.asSlice(0, 32), 0)).doesNotThrowAnyException();
        }
    }
}
