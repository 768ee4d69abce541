package dev.pillion.kernels.virtual;

import static java.lang.Float.floatToRawIntBits;
import static java.lang.Float.intBitsToFloat;
import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.Random;
import java.util.function.IntUnaryOperator;
import java.util.function.LongUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Conversions against exact arithmetic. */
class ConversionInstructionsTest {
    private static final int COUNT = 700;
    private static final long SEED = 14;

    private static void words(String text, int[] a, IntUnaryOperator expected) {
        int[] d = Snippet.words(text, a, a, a);
        for (int i = 0; i < a.length; i++) {
            assertThat(d[i]).as("%s of 0x%x (seed %d)", text, a[i], SEED).isEqualTo(expected.applyAsInt(a[i]));
        }
    }

    private static void longs(String text, long[] a, LongUnaryOperator expected) {
        long[] d = Snippet.longs(text, a, a, a);
        for (int i = 0; i < a.length; i++) {
            assertThat(d[i]).as("%s of 0x%x (seed %d)", text, a[i], SEED).isEqualTo(expected.applyAsLong(a[i]));
        }
    }

    @Test
    void integersToIntegers() {
        int[] a = Snippet.randomWords(new Random(SEED), COUNT);
        long[] l = Snippet.randomLongs(new Random(SEED), COUNT);
        words("cvt.s32.s8 %d, %a;", a, v -> (byte) v);
        words("cvt.u32.u8 %d, %a;", a, v -> v & 255);
        words("cvt.s32.s16 %d, %a;", a, v -> (short) v);
        words("cvt.u16.u32 %ha, %a; cvt.u32.u16 %d, %ha;", a, v -> v & 0xffff);
        words("cvt.u16.u32 %ha, %a; cvt.s16.s8 %hb, %ha; cvt.s32.s16 %d, %hb;", a, v -> (byte) v);
        words("cvt.sat.u8.s32 %d, %a;", a, v -> Math.max(0, Math.min(255, v)));
        words("cvt.sat.s8.s32 %d, %a;", a, v -> Math.max(-128, Math.min(127, v)));
        words("cvt.sat.s16.u32 %ha, %a; cvt.u32.u16 %d, %ha;", a, v -> v < 0 || v > 32767 ? 32767 : v);
        longs("cvt.u32.u64 %t3, %la; cvt.u64.u32 %ld, %t3;", l, v -> v & 0xffff_ffffL);
        longs("cvt.u32.u64 %t3, %la; cvt.s64.s32 %ld, %t3;", l, v -> (int) v);
        longs("cvt.sat.s32.s64 %t3, %la; cvt.s64.s32 %ld, %t3;", l,
                v -> Math.max(Integer.MIN_VALUE, Math.min(Integer.MAX_VALUE, v)));
        longs("cvt.s64.s8 %ld, %la;", l, v -> (byte) v);
        longs("cvt.u16.u64 %ha, %la; cvt.u64.u16 %ld, %ha;", l, v -> v & 0xffff);
    }

    @ParameterizedTest
    @CsvSource({"rn, HALF_EVEN", "rz, DOWN", "rm, FLOOR", "rp, CEILING"})
    void integersToFloats(String mode, String javaMode) {
        int[] a = Snippet.randomWords(new Random(SEED), COUNT);
        long[] l = Snippet.randomLongs(new Random(SEED), COUNT);
        words("cvt." + mode + ".f32.s32 %d, %a;", a, v -> single(BigDecimal.valueOf(v), mode));
        words("cvt." + mode + ".f32.u32 %d, %a;", a, v -> single(BigDecimal.valueOf(v & 0xffff_ffffL), mode));
        words("cvt." + mode + ".f32.s8 %d, %a;", a, v -> single(BigDecimal.valueOf((byte) v), mode));
        words("cvt." + mode + ".f16.s32 %ha, %a; cvt.u32.u16 %d, %ha;", a, v -> half(BigDecimal.valueOf(v), mode));
        longs("cvt." + mode + ".f32.s64 %t3, %la; cvt.u64.u32 %ld, %t3;", l,
                v -> single(BigDecimal.valueOf(v), mode) & 0xffff_ffffL);
        longs("cvt." + mode + ".f32.u64 %t3, %la; cvt.u64.u32 %ld, %t3;", l,
                v -> single(new BigDecimal(unsigned(v)), mode) & 0xffff_ffffL);
        if (mode.equals("rn")) {
            longs("cvt.rn.f64.s64 %ld, %la;", l, v -> Double.doubleToRawLongBits((double) v));
            longs("cvt.rn.f64.u64 %ld, %la;", l, v -> Double.doubleToRawLongBits(unsigned(v).doubleValue()));
        }
        assertThat(RoundingMode.valueOf(javaMode)).isNotNull();
    }

    private static BigInteger unsigned(long v) {
        return new BigInteger(Long.toUnsignedString(v));
    }

    private static int single(BigDecimal exact, String mode) {
        return ExactFormat.SINGLE.round(exact, mode) | (exact.signum() < 0 ? 0x80000000 : 0);
    }

    private static int half(BigDecimal exact, String mode) {
        return ExactFormat.HALF.round(exact, mode) | (exact.signum() < 0 ? 0x8000 : 0);
    }

    @ParameterizedTest
    @CsvSource({"rni, HALF_EVEN", "rzi, DOWN", "rmi, FLOOR", "rpi, CEILING"})
    void floatsToIntegers(String mode, RoundingMode javaMode) {
        int[] a = Snippet.randomFloats(new Random(SEED), COUNT);
        words("cvt." + mode + ".s32.f32 %d, %a;", a, v -> integer(v, javaMode, Integer.MIN_VALUE,
                Integer.MAX_VALUE).intValue());
        words("cvt." + mode + ".u32.f32 %d, %a;", a, v -> integer(v, javaMode, 0, 0xffff_ffffL).intValue());
        words("cvt." + mode + ".s8.f32 %d, %a;", a, v -> integer(v, javaMode, -128, 127).intValue());
        words("cvt." + mode + ".u16.f32 %ha, %a; cvt.u32.u16 %d, %ha;", a,
                v -> integer(v, javaMode, 0, 65535).intValue());
        words("cvt." + mode + ".f32.f32 %d, %a;", a, v -> {
            float value = intBitsToFloat(v);
            return !Float.isFinite(value) ? value != value ? Floats.NAN : v
                    : floatToRawIntBits(Math.copySign(new BigDecimal(value).setScale(0, javaMode).floatValue(), value));
        });
    }

    private static BigInteger integer(int bits, RoundingMode mode, long least, long most) {
        float value = intBitsToFloat(bits);
        if (value != value) {
            return BigInteger.ZERO;
        }
        BigInteger low = BigInteger.valueOf(least);
        BigInteger high = BigInteger.valueOf(most);
        if (Float.isInfinite(value)) {
            return value > 0 ? high : low;
        }
        return new BigDecimal(value).setScale(0, mode).toBigInteger().max(low).min(high);
    }

    @ParameterizedTest
    @ValueSource(strings = {"rn", "rz"})
    void floatsToHalves(String mode) {
        int[] a = Snippet.randomFloats(new Random(SEED), COUNT);
        words("cvt." + mode + ".f16.f32 %ha, %a; cvt.u32.u16 %d, %ha;", a, v -> narrowed(v, ExactFormat.HALF, mode));
        words("cvt." + mode + ".bf16.f32 %ha, %a; cvt.u32.u16 %d, %ha;", a, v -> narrowed(v, ExactFormat.BRAIN, mode));
        words("cvt." + mode + ".f16x2.f32 %d, %a, 0f3F800000;", a, v -> narrowed(v, ExactFormat.HALF, mode) << 16
                | 0x3c00);
        words("cvt." + mode + ".bf16x2.f32 %d, 0f3F800000, %a;", a, v -> narrowed(v, ExactFormat.BRAIN, mode)
                | 0x3f80_0000);
    }

    private static int narrowed(int bits, ExactFormat format, String mode) {
        float value = intBitsToFloat(bits);
        int sign = bits < 0 ? 0x8000 : 0;
        if (value != value) {
            return 0x7fff;
        }
        if (Float.isInfinite(value)) {
            return sign | (format == ExactFormat.HALF ? 0x7c00 : 0x7f80);
        }
        return sign | format.round(new BigDecimal(value), mode);
    }

    @Test
    void halvesToFloats() {
        int[] a = new int[1 << 16];
        for (int i = 0; i < a.length; i++) {
            a[i] = i;
        }
        words("cvt.u16.u32 %ha, %a; cvt.f32.f16 %d, %ha;", a, v -> floatToRawIntBits(Float.float16ToFloat((short) v)));
        words("cvt.u16.u32 %ha, %a; cvt.f32.bf16 %d, %ha;", a, v -> v << 16);
        words("cvt.u16.u32 %ha, %a; mov.b32 %d, {0, %ha};", a, v -> v << 16);
        // There and back: every half that is a number.
        words("cvt.u16.u32 %ha, %a; cvt.f32.f16 %d, %ha; cvt.rn.f16.f32 %hb, %d; cvt.u32.u16 %d, %hb;", a,
                v -> Float.isNaN(Float.float16ToFloat((short) v)) ? 0x7fff : v);
    }

    @Test
    void doublesToFloats() {
        Random random = new Random(SEED);
        long[] a = new long[COUNT];
        for (int i = 0; i < COUNT; i++) {
            a[i] = i % 4 == 0 ? random.nextLong() : Double.doubleToRawLongBits(random.nextGaussian() * 1000);
        }
        longs("cvt.rn.f32.f64 %t3, %la; cvt.u64.u32 %ld, %t3;", a, v -> {
            float value = (float) Double.longBitsToDouble(v);
            return (value != value ? Floats.NAN : floatToRawIntBits(value)) & 0xffff_ffffL;
        });
        longs("cvt.rzi.s64.f64 %ld, %la;", a, v -> {
            double value = Double.longBitsToDouble(v);
            return value != value ? Long.MIN_VALUE : (long) value;
        });
        longs("cvt.rn.f32.f64 %t3, %la; cvt.f64.f32 %ld, %t3;", a, v -> {
            double value = (float) Double.longBitsToDouble(v);
            return value != value ? 0x7ff8000000000000L | Double.doubleToRawLongBits(value)
                    : Double.doubleToRawLongBits(value);
        });
    }

    @Test
    void tensorFloats() {
        int[] a = Snippet.randomFloats(new Random(SEED), COUNT);
        words("cvt.rna.tf32.f32 %d, %a;", a, v -> (v & 0x7f800000) == 0x7f800000 ? v : v + 0x1000 & ~0x1fff);
    }
}
