package dev.pillion.kernels.virtual;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Loads and stores of all sizes and spaces, atomics, and the bytes that are counted. */
class MemoryInstructionsTest {
    private static final long SEED = 18;

    private static final String COPY = """
            .reg .b16 %h<4>; .reg .b32 %t, %s, %r<8>; .reg .b64 %a, %b, %o, %x<4>; .reg .f32 %f; .reg .f64 %fd;
            .shared .align 16 .b8 tile[4096]; .local .align 16 .b8 own[16];
            mov.u32 %t, %tid.x; mul.wide.u32 %o, %t, 16; ld.param.u64 %a, [k0]; add.s64 %a, %a, %o;
            ld.param.u64 %b, [k1]; add.s64 %b, %b, %o; shl.b32 %s, %t, 4; mov.u32 %r0, tile; add.s32 %s, %s, %r0;
            """;

    /** Runs text for 64 threads, each with 16 bytes at {@code %a} to read and at {@code %b} to write. */
    private static int[] copy(String text, int[] in) {
        try (TestGpu gpu = new TestGpu(TestGpu.kernel(".param .u64 k0, .param .u64 k1", COPY + text + "ret;"))) {
            long out = gpu.upload(new int[256]);
            gpu.run("k", 1, 64, 0, gpu.upload(in), out);
            return gpu.ints(out, 256);
        }
    }

    private static int[] random() {
        return new Random(SEED).ints(256).toArray();
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "ld.global.v4.u32 {%r1, %r2, %r3, %r4}, [%a]; st.global.v4.u32 [%b], {%r1, %r2, %r3, %r4};",
        "ld.global.v2.u64 {%x0, %x1}, [%a]; st.global.v2.b64 [%b], {%x0, %x1};",
        "ld.global.nc.v4.f32 {%r1, %r2, %r3, %r4}, [%a]; st.global.cs.v4.b32 [%b], {%r1, %r2, %r3, %r4};",
        "ld.v4.u32 {%r1, %r2, %r3, %r4}, [%a]; st.v4.u32 [%b], {%r1, %r2, %r3, %r4};",
        "ld.volatile.global.v2.u64 {%x0, %x1}, [%a]; st.volatile.global.v2.u64 [%b], {%x0, %x1};",
        "ld.global.L1::no_allocate.L2::128B.v4.u32 {%r1, %r2, %r3, %r4}, [%a]; st.global.v4.u32 [%b], {%r1, %r2, %r3, %r4};"})
    void movesSixteenBytes(String text) {
        int[] in = random();
        assertThat(copy(text, in)).isEqualTo(in);
    }

    @Test
    void passesThroughSharedAndLocalMemory() {
        int[] in = random();
        assertThat(copy("ld.global.v4.u32 {%r1,%r2,%r3,%r4}, [%a]; st.shared.v4.u32 [%s], {%r1,%r2,%r3,%r4};"
                + " ld.shared.v2.u64 {%x0,%x1}, [%s]; mov.u64 %x2, own; st.local.v2.u64 [%x2], {%x0,%x1};"
                + " cvta.local.u64 %x3, %x2; ld.v4.u32 {%r4,%r5,%r6,%r7}, [%x3]; st.global.v4.u32 [%b], {%r4,%r5,%r6,%r7};", in))
                .isEqualTo(in);
    }

    @Test
    void extendsNarrowValues() {
        int[] in = random();
        int[] out = copy("ld.global.s8 %r1, [%a+1]; ld.global.u8 %r2, [%a+1]; ld.global.s16 %r3, [%a+2]; ld.global.u16 %h0, [%a+2];"
                + " cvt.u32.u16 %r4, %h0; st.global.v4.u32 [%b], {%r1,%r2,%r3,%r4};", in);
        int[] wide = copy("ld.global.s32 %x0, [%a]; ld.global.u32 %x1, [%a]; st.global.v2.u64 [%b], {%x0,%x1};", in);
        int[] narrow = copy("ld.global.u64 %x0, [%a]; st.global.u8 [%b], %x0; ld.global.u16 %h1, [%a+4]; st.global.u16 [%b+2], %h1;"
                + " ld.global.s8 %h2, [%a]; st.global.v2.u16 [%b+4], {%h2, %h2};", in);
        for (int i = 0; i < 64; i++) {
            int first = in[4 * i];
            assertThat(out[4 * i]).isEqualTo((byte) (first >> 8));
            assertThat(out[4 * i + 1]).isEqualTo(first >> 8 & 255);
            assertThat(out[4 * i + 2]).isEqualTo(first >> 16);
            assertThat(out[4 * i + 3]).isEqualTo(first >>> 16);
            assertThat(wide[4 * i + 1]).isEqualTo(first >> 31);
            assertThat(wide[4 * i + 3]).isZero();
            assertThat(narrow[4 * i]).isEqualTo(first & 255 | (in[4 * i + 1] & 0xffff) << 16);
            assertThat(narrow[4 * i + 1]).isEqualTo((byte) first & 0xffff | (byte) first << 16);
        }
    }

    @Test
    void readsConstantsAndVariables() {
        String ptx = """
                .version 7.0
                .target sm_80
                .address_size 64
                .const .align 4 .b8 table[8] = {1, 2, 3, 4, 255, 254, 253, 252};
                .global .align 8 .u32 counter[2] = {7};
                .global .align 4 .f32 scale = 0f40490FDB;
                .extern .shared .align 16 .b8 dynamic[];
                .visible .entry k(.param .u64 k0)
                {
                .reg .b32 %r<8>; .reg .b64 %a, %c;
                .shared .align 4 .b8 fixed[12];
                ld.param.u64 %a, [k0]; mov.u64 %c, table; ld.const.u32 %r1, [%c+4]; ld.const.u8 %r2, [table+1];
                ld.global.u32 %r3, [counter]; atom.global.add.u32 %r4, [counter+4], 5; mov.u32 %r5, dynamic; ld.global.f32 %r6, [scale];
                st.global.v4.u32 [%a], {%r1, %r2, %r3, %r4}; st.global.v2.u32 [%a+16], {%r5, %r6};
                ret;
                }
                """;
        try (TestGpu gpu = new TestGpu(ptx)) {
            long out = gpu.allocate(24);
            gpu.run("k", 1, 1, 64, out);
            assertThat(gpu.ints(out, 6)).containsExactly(0xfcfdfeff, 2, 7, 0, 16, 0x40490fdb);
            gpu.run("k", 1, 1, 64, out);
            assertThat(gpu.ints(out, 6)[3]).isEqualTo(5);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"global", "shared"})
    void updatesAtomically(String space) {
        // One word for each operation; 3 blocks of 64 threads in global memory, one in shared memory.
        boolean global = space.equals("global");
        String base = global ? "%a" : "%s";
        String text = """
                .reg .pred %p; .reg .b32 %t, %s, %i, %r<4>; .reg .b64 %a, %x<3>; .shared .align 16 .b8 tile[64];
                mov.u32 %t, %tid.x; mov.u32 %r0, %ctaid.x; shl.b32 %r0, %r0, 6; add.u32 %i, %t, %r0; ld.param.u64 %a, [k0]; mov.u32 %s, tile;
                setp.ge.u32 %p, %t, 12; @%p bra ready; shl.b32 %r0, %t, 2; cvt.u64.u32 %x0, %r0; add.s64 %x0, %x0, %a;
                LOAD
                ready: bar.sync 0;
                red.SP.add.u32 [B], %i; red.SP.min.s32 [B+4], %i; red.SP.max.u32 [B+8], %i; red.SP.or.b32 [B+12], %i;
                red.SP.xor.b32 [B+16], %i; red.SP.and.b32 [B+20], %i; atom.SP.inc.u32 %r1, [B+24], 9; atom.SP.dec.u32 %r1, [B+28], 6;
                mov.f32 %r2, 0f3F000000; red.SP.add.f32 [B+32], %r2; cvt.u64.u32 %x1, %i; atom.SP.add.u64 %x2, [B+40], %x1;
                mov.u32 %r3, 1; atom.SP.cas.b32 %r1, [B+36], %i, %r3;
                bar.sync 0; setp.ge.u32 %p, %t, 12; @%p ret; STORE
                ret;
                """.replace("SP", space).replace("[B", "[" + base)
                .replace("LOAD", global ? ""
                : "ld.global.u32 %r1, [%x0]; add.u32 %r0, %r0, %s; st.shared.u32 [%r0], %r1;")
                .replace("STORE", global ? ""
                : "add.u32 %r0, %s, %r0; ld.shared.u32 %r1, [%r0]; st.global.u32 [%x0], %r1;");
        int blocks = global ? 3 : 1;
        int n = 64 * blocks;
        int[] start = {100, 50, 0, 0, 0, -1, 0, 3, 0, 5, 0, 0};
        try (TestGpu gpu = new TestGpu(TestGpu.kernel(".param .u64 k0", text))) {
            long words = gpu.upload(start);
            gpu.run("k", blocks, 64, 0, words);
            int[] got = gpu.ints(words, 12);
            int inc = 0;
            int dec = 3;
            for (int i = 0; i < n; i++) {
                inc = inc >= 9 ? 0 : inc + 1;
                dec = dec == 0 || dec > 6 ? 6 : dec - 1;
            }
            assertThat(got).containsExactly(100 + n * (n - 1) / 2, 0, n - 1, n == 64 ? 63 : 255, xor(n), 0, inc, dec,
                    Float.floatToRawIntBits(n / 2f), 1, n * (n - 1) / 2, 0);
        }
    }

    private static int xor(int n) {
        int result = 0;
        for (int i = 0; i < n; i++) {
            result ^= i;
        }
        return result;
    }

    @Test
    void copiesAsynchronouslyAndFillsWithZeros() {
        // Even threads take 16 bytes, odd ones 6 and zeros.
        int[] in = random();
        int[] out = copy("and.b32 %r1, %t, 1; mul.lo.u32 %r1, %r1, 10; sub.u32 %r1, 16, %r1;"
                + " cp.async.cg.shared.global.L2::128B [%s], [%a], 16, %r1; cp.async.commit_group; cp.async.wait_group 0;"
                + " ld.shared.v4.u32 {%r1,%r2,%r3,%r4}, [%s]; st.global.v4.u32 [%b], {%r1,%r2,%r3,%r4};", in);
        for (int i = 0; i < 64; i++) {
            assertThat(out[4 * i]).isEqualTo(in[4 * i]);
            assertThat(out[4 * i + 1]).isEqualTo(i % 2 == 0 ? in[4 * i + 1] : in[4 * i + 1] & 0xffff);
            assertThat(out[4 * i + 3]).isEqualTo(i % 2 == 0 ? in[4 * i + 3] : 0);
        }
    }

    @Test
    void countsBytesOnceForLanesThatShareThem() {
        String text = """
                .reg .b32 %t, %r<4>; .reg .b64 %a, %b, %o;
                mov.u32 %t, %tid.x; ld.param.u64 %a, [k0]; ld.param.u64 %b, [k1];
                ld.global.u32 %r0, [%a]; and.b32 %r1, %t, 7; mul.wide.u32 %o, %r1, 4; add.s64 %o, %o, %a; ld.global.u32 %r2, [%o];
                mul.wide.u32 %o, %t, 8; add.s64 %b, %b, %o; st.global.u32 [%b], %r2; ret;
                """;
        try (TestGpu gpu = new TestGpu(TestGpu.kernel(".param .u64 k0, .param .u64 k1", text))) {
            gpu.run("k", 3, 64, 0, gpu.upload(random()), gpu.allocate(8 * 64));
            LaunchStatistics s = gpu.statistics.getFirst();
            // Per warp: one word, then eight words in one sector; stores leave every other word out.
            assertThat(s.bytesRead()).isEqualTo(6 * (4 + 32));
            assertThat(s.sectorsRead()).isEqualTo(6 * 2);
            assertThat(s.bytesWritten()).isEqualTo(6 * 32 * 4);
            assertThat(s.sectorsWritten()).isEqualTo(6 * 8);
            assertThat(s.warpInstructions()).isEqualTo(6 * 12);
            assertThat(s.laneInstructions()).isEqualTo(6 * 12 * 32);
        }
    }
}
