package dev.pillion.kernels.virtual;

import java.util.Random;

/**
 * Runs a few instructions once per thread on inputs of its own. The text finds them in {@code %a}, {@code %b} and
 * {@code %c} (32 bits), {@code %la}, {@code %lb}, {@code %lc} (64 bits) or {@code %ha}, {@code %hb}, {@code %hc} (16
 * bits)
 * and leaves its result in {@code %d}, {@code %ld} or {@code %hd}; {@code %p}, {@code %q}, {@code %t0} to {@code %t7}
 * and
 * {@code %lt0} to {@code %lt3} are free.
 */
final class Snippet {
    private static final int BLOCK = 128;
    private static final String REGISTERS = """
            .reg .pred %p, %q;
            .reg .b16 %ha, %hb, %hc, %hd, %ht<4>;
            .reg .b32 %a, %b, %c, %d, %i, %n, %t<8>;
            .reg .b64 %la, %lb, %lc, %ld, %lt<4>, %pa, %pb, %pc, %pd, %o;
            """;

    private Snippet() {}

    /** Runs text on words. */
    static int[] words(String text, int[] a, int[] b, int[] c) {
        try (TestGpu gpu = new TestGpu(module(text, 4))) {
            long out = gpu.allocate(4L * a.length);
            run(gpu, a.length, gpu.upload(a), gpu.upload(b), gpu.upload(c), out);
            return gpu.ints(out, a.length);
        }
    }

    /** Runs text on longs. */
    static long[] longs(String text, long[] a, long[] b, long[] c) {
        try (TestGpu gpu = new TestGpu(module(text, 8))) {
            long out = gpu.allocate(8L * a.length);
            run(gpu, a.length, gpu.upload(a), gpu.upload(b), gpu.upload(c), out);
            return gpu.longs(out, a.length);
        }
    }

    /** Runs text on 16-bit values; results are zero-extended. */
    static int[] halves(String text, short[] a, short[] b, short[] c) {
        try (TestGpu gpu = new TestGpu(module(text, 2))) {
            long out = gpu.allocate(2L * a.length);
            run(gpu, a.length, gpu.upload(a), gpu.upload(b), gpu.upload(c), out);
            short[] results = gpu.shorts(out, a.length);
            int[] extended = new int[results.length];
            for (int i = 0; i < results.length; i++) {
                extended[i] = results[i] & 0xffff;
            }
            return extended;
        }
    }

    private static void run(TestGpu gpu, int count, long a, long b, long c, long out) {
        gpu.run("k", (count + BLOCK - 1) / BLOCK, BLOCK, 0, a, b, c, out, count);
    }

    private static String module(String text, int bytes) {
        String prefix = bytes == 4 ? "" : bytes == 8 ? "l" : "h";
        String type = "b" + 8 * bytes;
        StringBuilder body = new StringBuilder(REGISTERS);
        body.append("mov.u32 %t0, %ctaid.x; mov.u32 %t1, %ntid.x; mov.u32 %t2, %tid.x; mad.lo.s32 %i, %t0, %t1, %t2;\n");
        body.append("ld.param.u32 %n, [k4]; setp.ge.s32 %p, %i, %n; @%p ret;\n");
        body.append("mul.wide.s32 %o, %i, ").append(bytes).append(";\n");
        String[] names = {"a", "b", "c"};
        for (int i = 0; i < 3; i++) {
            String pointer = "%p" + names[i];
            body.append("ld.param.u64 ").append(pointer).append(", [k").append(i).append("]; add.s64 ").append(pointer)
                    .append(", ").append(pointer).append(", %o; ld.global.").append(type).append(" %").append(prefix)
                    .append(names[i]).append(", [").append(pointer).append("];\n");
        }
        body.append("mov.b").append(8 * bytes).append(" %").append(prefix).append("d, 0;\n");
        body.append(text).append("\nld.param.u64 %pd, [k3]; add.s64 %pd, %pd, %o; st.global.").append(type)
                .append(" [%pd], %").append(prefix).append("d;\nret;");
        return TestGpu.kernel(".param .u64 k0, .param .u64 k1, .param .u64 k2, .param .u64 k3, .param .u32 k4",
                body.toString());
    }

    /** Random words, a part of them small or extreme. */
    static int[] randomWords(Random random, int count) {
        int[] values = new int[count];
        for (int i = 0; i < count; i++) {
            values[i] = switch (random.nextInt(8)) {
                case 0 -> random.nextInt(70) - 3;
                case 1 -> new int[] {0, 1, -1, Integer.MIN_VALUE, Integer.MAX_VALUE}[random.nextInt(5)];
                default -> random.nextInt();
            };
        }
        return values;
    }

    /** Random longs, a part of them small or extreme. */
    static long[] randomLongs(Random random, int count) {
        long[] values = new long[count];
        for (int i = 0; i < count; i++) {
            values[i] = switch (random.nextInt(8)) {
                case 0 -> random.nextInt(140) - 3;
                case 1 -> new long[] {0, 1, -1, Long.MIN_VALUE, Long.MAX_VALUE}[random.nextInt(5)];
                default -> random.nextLong();
            };
        }
        return values;
    }

    /** Bits of random floats: of similar size, of any size, zeros, infinities, NaN, subnormal ones. */
    static int[] randomFloats(Random random, int count) {
        int[] values = new int[count];
        for (int i = 0; i < count; i++) {
            values[i] = switch (random.nextInt(6)) {
                case 0 -> random.nextInt();
                case 1 -> new int[] {0, 0x80000000, 0x7f800000, 0xff800000, 0x7fc00000, 1, 0x3f800000, 0x00800000,
                    0x7f7fffff}[random.nextInt(9)];
                default -> Float.floatToRawIntBits((random.nextFloat() - 0.5f) * 16);
            };
        }
        return values;
    }

    /** Bits of random 16-bit floating-point numbers. */
    static short[] randomHalves(Random random, int count, boolean brain) {
        short[] values = new short[count];
        for (int i = 0; i < count; i++) {
            float value = (random.nextFloat() - 0.5f) * 16;
            values[i] = random.nextInt(3) == 0 ? (short) random.nextInt()
                    : brain ? (short) (Float.floatToRawIntBits(value) >>> 16) : Float.floatToFloat16(value);
        }
        return values;
    }

    /** Random 16-bit integers. */
    static short[] randomShorts(Random random, int count) {
        short[] values = new short[count];
        for (int i = 0; i < count; i++) {
            values[i] = random.nextInt(4) == 0 ? (short) (random.nextInt(40) - 3) : (short) random.nextInt();
        }
        return values;
    }
}
