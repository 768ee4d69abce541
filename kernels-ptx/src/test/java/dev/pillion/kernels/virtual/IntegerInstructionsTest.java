package dev.pillion.kernels.virtual;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.function.LongUnaryOperator;
import org.junit.jupiter.api.Test;

/** Integer instructions against plain Java and, for bit fields, against the pseudocode of the PTX ISA. */
class IntegerInstructionsTest {
    private static final int COUNT = 700;
    private static final long SEED = 11;

    private interface Words {
        int apply(int a, int b, int c);
    }

    private interface Longs {
        long apply(long a, long b, long c);
    }

    private static void words(String text, Words expected) {
        Random random = new Random(SEED);
        int[] a = Snippet.randomWords(random, COUNT);
        int[] b = Snippet.randomWords(random, COUNT);
        int[] c = Snippet.randomWords(random, COUNT);
        int[] d = Snippet.words(text, a, b, c);
        for (int i = 0; i < COUNT; i++) {
            assertThat(d[i]).as("%s of 0x%x, 0x%x, 0x%x (seed %d)", text, a[i], b[i], c[i], SEED)
                    .isEqualTo(expected.apply(a[i], b[i], c[i]));
        }
    }

    private static void longs(String text, Longs expected) {
        Random random = new Random(SEED);
        long[] a = Snippet.randomLongs(random, COUNT);
        long[] b = Snippet.randomLongs(random, COUNT);
        long[] c = Snippet.randomLongs(random, COUNT);
        long[] d = Snippet.longs(text, a, b, c);
        for (int i = 0; i < COUNT; i++) {
            assertThat(d[i]).as("%s of 0x%x, 0x%x, 0x%x (seed %d)", text, a[i], b[i], c[i], SEED)
                    .isEqualTo(expected.apply(a[i], b[i], c[i]));
        }
    }

    /** Operands are sign-extended; only 16 bits of the result count. */
    private static void shorts(String text, Words expected) {
        Random random = new Random(SEED);
        short[] a = Snippet.randomShorts(random, COUNT);
        short[] b = Snippet.randomShorts(random, COUNT);
        short[] c = Snippet.randomShorts(random, COUNT);
        int[] d = Snippet.halves(text, a, b, c);
        for (int i = 0; i < COUNT; i++) {
            assertThat(d[i]).as("%s of 0x%x, 0x%x, 0x%x (seed %d)", text, a[i], b[i], c[i], SEED)
                    .isEqualTo(expected.apply(a[i], b[i], c[i]) & 0xffff);
        }
    }

    private static long u(int a) {
        return a & 0xffff_ffffL;
    }

    @Test
    void words() {
        words("add.s32 %d, %a, %b;", (a, b, _) -> a + b);
        words("add.sat.s32 %d, %a, %b;", (a, b, _) -> (int) Math.max(Integer.MIN_VALUE,
                Math.min(Integer.MAX_VALUE, (long) a + b)));
        words("sub.s32 %d, %a, %b;", (a, b, _) -> a - b);
        words("sub.s32 %d, %a, 17;", (a, _, _) -> a - 17);
        words("mul.lo.s32 %d, %a, %b;", (a, b, _) -> a * b);
        words("mul.hi.s32 %d, %a, %b;", (a, b, _) -> (int) ((long) a * b >> 32));
        words("mul.hi.u32 %d, %a, %b;", (a, b, _) -> (int) (u(a) * u(b) >>> 32));
        words("mad.lo.s32 %d, %a, %b, %c;", (a, b, c) -> a * b + c);
        words("mad.hi.s32 %d, %a, %b, %c;", (a, b, c) -> (int) ((long) a * b >> 32) + c);
        words("mad.hi.u32 %d, %a, %b, %c;", (a, b, c) -> (int) (u(a) * u(b) >>> 32) + c);
        words("min.s32 %d, %a, %b;", (a, b, _) -> a < b ? a : b);
        words("max.s32 %d, %a, %b;", (a, b, _) -> a > b ? a : b);
        words("min.u32 %d, %a, %b;", (a, b, _) -> u(a) < u(b) ? a : b);
        words("max.u32 %d, %a, %b;", (a, b, _) -> u(a) > u(b) ? a : b);
        words("neg.s32 %d, %a;", (a, _, _) -> -a);
        words("abs.s32 %d, %a;", (a, _, _) -> a < 0 ? -a : a);
        words("sad.s32 %d, %a, %b, %c;", (a, b, c) -> (int) (c + Math.abs((long) a - b)));
        words("sad.u32 %d, %a, %b, %c;", (a, b, c) -> (int) (c + Math.abs(u(a) - u(b))));
        words("mul24.lo.s32 %d, %a, %b;", (a, b, _) -> (int) ((long) (a << 8 >> 8) * (b << 8 >> 8)));
        words("mad24.hi.u32 %d, %a, %b, %c;", (a, b, c) -> (int) (u(a & 0xffffff) * u(b & 0xffffff) >>> 16) + c);
    }

    @Test
    void divisions() {
        words("or.b32 %b, %b, 1; div.s32 %d, %a, %b;", (a, b, _) -> a / (b | 1));
        words("or.b32 %b, %b, 1; div.u32 %d, %a, %b;", (a, b, _) -> (int) (u(a) / u(b | 1)));
        words("or.b32 %b, %b, 1; rem.s32 %d, %a, %b;", (a, b, _) -> a % (b | 1));
        words("or.b32 %b, %b, 1; rem.u32 %d, %a, %b;", (a, b, _) -> (int) (u(a) % u(b | 1)));
        longs("or.b64 %lb, %lb, 1; div.s64 %ld, %la, %lb;", (a, b, _) -> a / (b | 1));
        longs("or.b64 %lb, %lb, 1; rem.u64 %ld, %la, %lb;", (a, b, _) -> Long.remainderUnsigned(a, b | 1));
        shorts("or.b16 %hb, %hb, 1; div.s16 %hd, %ha, %hb;", (a, b, _) -> a / (b | 1));
        shorts("or.b16 %hb, %hb, 1; rem.u16 %hd, %ha, %hb;", (a, b, _) -> (a & 0xffff) % ((b | 1) & 0xffff));
    }

    @Test
    void longWords() {
        longs("add.s64 %ld, %la, %lb;", (a, b, _) -> a + b);
        longs("sub.s64 %ld, %la, %lb;", (a, b, _) -> a - b);
        longs("mul.lo.s64 %ld, %la, %lb;", (a, b, _) -> a * b);
        longs("mul.hi.s64 %ld, %la, %lb;", (a, b, _) -> Math.multiplyHigh(a, b));
        longs("mul.hi.u64 %ld, %la, %lb;", (a, b, _) -> Math.unsignedMultiplyHigh(a, b));
        longs("mad.lo.s64 %ld, %la, %lb, %lc;", (a, b, c) -> a * b + c);
        longs("min.u64 %ld, %la, %lb;", (a, b, _) -> Long.compareUnsigned(a, b) < 0 ? a : b);
        longs("max.s64 %ld, %la, %lb;", (a, b, _) -> Math.max(a, b));
        longs("neg.s64 %ld, %la;", (a, _, _) -> -a);
        longs("abs.s64 %ld, %la;", (a, _, _) -> Math.abs(a));
        longs("cvt.u32.u64 %t3, %la; cvt.u32.u64 %t4, %lb; mul.wide.s32 %ld, %t3, %t4;",
                (a, b, _) -> (long) (int) a * (int) b);
        longs("cvt.u32.u64 %t3, %la; cvt.u32.u64 %t4, %lb; mul.wide.u32 %ld, %t3, %t4;",
                (a, b, _) -> u((int) a) * u((int) b));
        longs("cvt.u32.u64 %t3, %la; cvt.u32.u64 %t4, %lb; mad.wide.s32 %ld, %t3, %t4, %lc;",
                (a, b, c) -> (long) (int) a * (int) b + c);
        longs("cvt.u32.u64 %t3, %la; mad.wide.u32 %ld, %t3, 12, %lc;", (a, _, c) -> u((int) a) * 12 + c);
    }

    @Test
    void shortWords() {
        shorts("add.s16 %hd, %ha, %hb;", (a, b, _) -> a + b);
        shorts("sub.s16 %hd, %ha, %hb;", (a, b, _) -> a - b);
        shorts("mul.lo.s16 %hd, %ha, %hb;", (a, b, _) -> a * b);
        shorts("mul.hi.s16 %hd, %ha, %hb;", (a, b, _) -> a * b >> 16);
        shorts("mul.hi.u16 %hd, %ha, %hb;", (a, b, _) -> (a & 0xffff) * (b & 0xffff) >>> 16);
        shorts("mad.lo.s16 %hd, %ha, %hb, %hc;", (a, b, c) -> a * b + c);
        shorts("mul.wide.s16 %d, %ha, %hb; shr.u32 %d, %d, 16; cvt.u16.u32 %hd, %d;", (a, b, _) -> a * b >> 16);
        shorts("mul.wide.u16 %d, %ha, %hb; shr.u32 %d, %d, 16; cvt.u16.u32 %hd, %d;",
                (a, b, _) -> (a & 0xffff) * (b & 0xffff) >>> 16);
        shorts("min.s16 %hd, %ha, %hb;", (a, b, _) -> Math.min(a, b));
        shorts("max.u16 %hd, %ha, %hb;", (a, b, _) -> Math.max(a & 0xffff, b & 0xffff));
        shorts("neg.s16 %hd, %ha;", (a, _, _) -> -a);
        shorts("abs.s16 %hd, %ha;", (a, _, _) -> Math.abs(a));
        shorts("not.b16 %hd, %ha;", (a, _, _) -> ~a);
        shorts("and.b16 %hd, %ha, %hb;", (a, b, _) -> a & b);
        shorts("shl.b16 %hd, %ha, 3;", (a, _, _) -> a << 3);
        shorts("cvt.u32.u16 %t3, %hb; and.b32 %t3, %t3, 31; shl.b16 %hd, %ha, %t3;", (a, b, _) -> (b & 31) > 15 ? 0
                : a << (b & 31));
        shorts("cvt.u32.u16 %t3, %hb; and.b32 %t3, %t3, 31; shr.u16 %hd, %ha, %t3;",
                (a, b, _) -> (a & 0xffff) >>> (b & 31));
        shorts("cvt.u32.u16 %t3, %hb; and.b32 %t3, %t3, 31; shr.s16 %hd, %ha, %t3;", (a, b, _) -> a >> (b & 31));
    }

    @Test
    void carriesOver() {
        // 96-bit sums and differences, and a 64-bit product from 32-bit parts.
        longs("mov.b64 {%t3, %t4}, %la; mov.b64 {%t5, %t6}, %lb; add.cc.u32 %t3, %t3, %t5; addc.u32 %t4, %t4, %t6;"
                + " mov.b64 %ld, {%t3, %t4};", (a, b, _) -> a + b);
        longs("mov.b64 {%t3, %t4}, %la; mov.b64 {%t5, %t6}, %lb; sub.cc.u32 %t3, %t3, %t5; subc.u32 %t4, %t4, %t6;"
                + " mov.b64 %ld, {%t3, %t4};", (a, b, _) -> a - b);
        longs("add.cc.u64 %lt0, %la, %lb; addc.u64 %ld, %lc, 0;", (a, b, c) -> c
                + (Long.compareUnsigned(a + b, a) < 0 ? 1 : 0));
        longs("sub.cc.u64 %lt0, %la, %lb; subc.u64 %ld, %lc, 0;", (a, b, c) -> c - (Long.compareUnsigned(a, b) < 0 ? 1
                : 0));
        longs("mov.b64 {%t3, %t4}, %la; mov.b64 {%t5, %t6}, %lb; mov.b64 {%a, %b}, %lc;"
                + " mad.lo.cc.u32 %t7, %t3, %t5, %a; madc.hi.u32 %c, %t3, %t5, %b; mov.b64 %ld, {%t7, %c};",
                (a, b, c) -> u((int) a) * u((int) b) + c);
    }

    @Test
    void logicAndShifts() {
        words("and.b32 %d, %a, %b;", (a, b, _) -> a & b);
        words("or.b32 %d, %a, %b;", (a, b, _) -> a | b);
        words("xor.b32 %d, %a, %b;", (a, b, _) -> a ^ b);
        words("not.b32 %d, %a;", (a, _, _) -> ~a);
        words("cnot.b32 %d, %a;", (a, _, _) -> a == 0 ? 1 : 0);
        words("shl.b32 %d, %a, %b;", (a, b, _) -> u(b) > 31 ? 0 : a << b);
        words("shr.u32 %d, %a, %b;", (a, b, _) -> u(b) > 31 ? 0 : a >>> b);
        words("shr.s32 %d, %a, %b;", (a, b, _) -> a >> Math.min(u(b), 31));
        words("popc.b32 %d, %a;", (a, _, _) -> Integer.bitCount(a));
        words("clz.b32 %d, %a;", (a, _, _) -> Integer.numberOfLeadingZeros(a));
        words("brev.b32 %d, %a;", (a, _, _) -> Integer.reverse(a));
        words("bfind.u32 %d, %a;", (a, _, _) -> a == 0 ? -1 : 31 - Integer.numberOfLeadingZeros(a));
        words("bfind.s32 %d, %a;", (a, _, _) -> (a ^ a >> 31) == 0 ? -1
                : 31 - Integer.numberOfLeadingZeros(a ^ a >> 31));
        words("bfind.shiftamt.u32 %d, %a;", (a, _, _) -> a == 0 ? -1 : Integer.numberOfLeadingZeros(a));
        words("shf.l.wrap.b32 %d, %a, %b, %c;", (a, b, c) -> (int) ((u(b) << 32 | u(a)) << (c & 31) >>> 32));
        words("shf.l.clamp.b32 %d, %a, %b, %c;", (a, b, c) -> u(c) >= 32 ? a : (int) ((u(b) << 32 | u(a)) << c >>> 32));
        words("shf.r.wrap.b32 %d, %a, %b, %c;", (a, b, c) -> (int) ((u(b) << 32 | u(a)) >>> (c & 31)));
        words("shf.r.clamp.b32 %d, %a, %b, %c;", (a, b, c) -> u(c) >= 32 ? b : (int) ((u(b) << 32 | u(a)) >>> c));
        longs("and.b64 %ld, %la, %lb;", (a, b, _) -> a & b);
        longs("xor.b64 %ld, %la, %lb;", (a, b, _) -> a ^ b);
        longs("not.b64 %ld, %la;", (a, _, _) -> ~a);
        longs("cvt.u32.u64 %t3, %lb; shl.b64 %ld, %la, %t3;", (a, b, _) -> u((int) b) > 63 ? 0 : a << b);
        longs("cvt.u32.u64 %t3, %lb; shr.u64 %ld, %la, %t3;", (a, b, _) -> u((int) b) > 63 ? 0 : a >>> b);
        longs("cvt.u32.u64 %t3, %lb; shr.s64 %ld, %la, %t3;", (a, b, _) -> a >> Math.min(u((int) b), 63));
        longs("popc.b64 %t3, %la; cvt.u64.u32 %ld, %t3;", (a, _, _) -> Long.bitCount(a));
        longs("clz.b64 %t3, %la; cvt.u64.u32 %ld, %t3;", (a, _, _) -> Long.numberOfLeadingZeros(a));
        longs("brev.b64 %ld, %la;", (a, _, _) -> Long.reverse(a));
    }

    /** The pseudocode of the ISA, bit by bit. */
    private static long extract(long a, long b, long c, int bits, boolean signed) {
        int msb = bits - 1;
        int position = (int) b & 0xff;
        int length = (int) c & 0xff;
        LongUnaryOperator bit = n -> a >>> n & 1;
        long sign = !signed || length == 0 ? 0 : bit.applyAsLong(Math.min(position + length - 1, msb));
        long d = 0;
        for (int i = 0; i <= msb; i++) {
            d |= (i < length && position + i <= msb ? bit.applyAsLong(position + i) : sign) << i;
        }
        return d;
    }

    private static long insert(long field, long base, long c, long d, int bits) {
        int position = (int) c & 0xff;
        int length = (int) d & 0xff;
        long f = base;
        for (int i = 0; i < length && position + i < bits; i++) {
            f = f & ~(1L << position + i) | (field >>> i & 1) << position + i;
        }
        return f;
    }

    @Test
    void bitFields() {
        words("bfe.u32 %d, %a, %b, %c;", (a, b, c) -> (int) extract(a, b, c, 32, false));
        words("bfe.s32 %d, %a, %b, %c;", (a, b, c) -> (int) extract(a, b, c, 32, true));
        words("and.b32 %b, %b, 31; and.b32 %c, %c, 31; bfe.s32 %d, %a, %b, %c;",
                (a, b, c) -> (int) extract(a, b & 31, c & 31, 32, true));
        words("and.b32 %c, %c, 31; bfi.b32 %d, %a, %b, %c, 9;", (a, b, c) -> (int) insert(a, b, c & 31, 9, 32));
        words("bfi.b32 %d, %a, %b, 3, %c;", (a, b, c) -> (int) insert(a, b, 3, c, 32));
        longs("cvt.u32.u64 %t3, %lb; cvt.u32.u64 %t4, %lc; bfe.u64 %ld, %la, %t3, %t4;",
                (a, b, c) -> extract(a, b, c, 64, false));
        longs("cvt.u32.u64 %t3, %lb; cvt.u32.u64 %t4, %lc; bfe.s64 %ld, %la, %t3, %t4;",
                (a, b, c) -> extract(a, b, c, 64, true));
        longs("cvt.u32.u64 %t3, %lc; and.b32 %t3, %t3, 63; bfi.b64 %ld, %la, %lb, %t3, 20;",
                (a, b, c) -> insert(a, b, c & 63, 20, 64));
    }

    @Test
    void tablesOfThreeInputs() {
        for (int table : new int[] {0x00, 0x1b, 0x40, 0x78, 0x96, 0xca, 0xe8, 0xf8, 0xff}) {
            words("lop3.b32 %d, %a, %b, %c, " + table + ";", (a, b, c) -> {
                int d = 0;
                for (int i = 0; i < 32; i++) {
                    int index = (a >>> i & 1) << 2 | (b >>> i & 1) << 1 | c >>> i & 1;
                    d |= (table >>> index & 1) << i;
                }
                return d;
            });
        }
    }

    @Test
    void bytes() {
        words("prmt.b32 %d, %a, %b, %c;", (a, b, c) -> {
            int d = 0;
            for (int i = 0; i < 4; i++) {
                int selector = c >>> 4 * i & 15;
                int picked = (selector & 4) == 0 ? a >>> 8 * (selector & 3) : b >>> 8 * (selector & 3);
                int value = selector < 8 ? picked & 255 : (picked & 128) != 0 ? 255 : 0;
                d |= value << 8 * i;
            }
            return d;
        });
        words("dp4a.s32.s32 %d, %a, %b, %c;", (a, b, c) -> c + (byte) a * (byte) b + (byte) (a >> 8) * (byte) (b >> 8)
                + (byte) (a >> 16) * (byte) (b >> 16) + (byte) (a >> 24) * (byte) (b >> 24));
        words("dp4a.u32.s32 %d, %a, %b, %c;", (a, b, c) -> c + (a & 255) * (byte) b + (a >> 8 & 255) * (byte) (b >> 8)
                + (a >> 16 & 255) * (byte) (b >> 16) + (a >> 24 & 255) * (byte) (b >> 24));
        words("dp2a.lo.s32.s32 %d, %a, %b, %c;", (a, b, c) -> c + (short) a * (byte) b + (a >> 16) * (byte) (b >> 8));
        words("dp2a.hi.u32.u32 %d, %a, %b, %c;", (a, b, c) -> c + (a & 0xffff) * (b >>> 16 & 255)
                + (a >>> 16) * (b >>> 24));
    }

    @Test
    void movesAndPacks() {
        words("mov.b32 {%ha, %hb}, %a; mov.b32 %d, {%hb, %ha};", (a, _, _) -> a << 16 | a >>> 16);
        words("mov.b32 {%ha, _}, %a; cvt.u32.u16 %d, %ha;", (a, _, _) -> a & 0xffff);
        longs("mov.b64 {%t3, %t4}, %la; mov.b64 %ld, {%t4, %t3};", (a, _, _) -> a << 32 | a >>> 32);
        longs("mov.b64 {%ha, %hb, %hc, %hd}, %la; mov.b64 %ld, {%hd, %hc, %hb, %ha};", (a, _, _) ->
                a << 48 | (a & 0xffff0000L) << 16 | a >>> 16 & 0xffff0000L | a >>> 48);
    }

    @Test
    void specialRegisters() {
        int[] zeros = new int[COUNT];
        int[] lanes = Snippet.words("mov.u32 %d, %laneid;", zeros, zeros, zeros);
        int[] threads = Snippet.words("mov.u32 %d, %tid.x;", zeros, zeros, zeros);
        int[] below = Snippet.words("mov.u32 %d, %lanemask_lt;", zeros, zeros, zeros);
        for (int i = 0; i < COUNT; i++) {
            assertThat(lanes[i]).isEqualTo(i % 32);
            assertThat(threads[i]).isEqualTo(i % 128);
            assertThat(below[i]).isEqualTo((1 << i % 32) - 1);
        }
    }
}
