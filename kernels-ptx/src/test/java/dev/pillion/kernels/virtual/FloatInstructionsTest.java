package dev.pillion.kernels.virtual;

import static java.lang.Float.floatToRawIntBits;
import static java.lang.Float.intBitsToFloat;
import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Floating-point instructions against plain Java, and their rounding against exact arithmetic. */
class FloatInstructionsTest {
    private static final int COUNT = 600;
    private static final long SEED = 12;

    private interface Floats {
        float apply(float a, float b, float c);
    }

    private interface Exact {
        BigDecimal apply(BigDecimal a, BigDecimal b, BigDecimal c);
    }

    private static boolean same(float a, float b) {
        return floatToRawIntBits(a) == floatToRawIntBits(b) || a != a && b != b;
    }

    private static void floats(String text, Floats expected) {
        Random random = new Random(SEED);
        int[] a = Snippet.randomFloats(random, COUNT);
        int[] b = Snippet.randomFloats(random, COUNT);
        int[] c = Snippet.randomFloats(random, COUNT);
        int[] d = Snippet.words(text, a, b, c);
        for (int i = 0; i < COUNT; i++) {
            float x = intBitsToFloat(a[i]);
            float y = intBitsToFloat(b[i]);
            float z = intBitsToFloat(c[i]);
            float e = expected.apply(x, y, z);
            assertThat(same(intBitsToFloat(d[i]), e)).as("%s of %s, %s, %s is %s, not %s (seed %d)", text, x, y, z,
                    intBitsToFloat(d[i]), e, SEED).isTrue();
        }
    }

    @Test
    void toNearest() {
        floats("add.f32 %d, %a, %b;", (a, b, _) -> a + b);
        floats("add.rn.f32 %d, %a, 0f3F800000;", (a, _, _) -> a + 1);
        floats("sub.f32 %d, %a, %b;", (a, b, _) -> a - b);
        floats("mul.f32 %d, %a, %b;", (a, b, _) -> a * b);
        floats("div.rn.f32 %d, %a, %b;", (a, b, _) -> a / b);
        floats("fma.rn.f32 %d, %a, %b, %c;", (a, b, c) -> Math.fma(a, b, c));
        floats("sqrt.rn.f32 %d, %a;", (a, _, _) -> (float) Math.sqrt(a));
        floats("rcp.rn.f32 %d, %a;", (a, _, _) -> 1 / a);
        floats("neg.f32 %d, %a;", (a, _, _) -> -a);
        floats("abs.f32 %d, %a;", (a, _, _) -> Math.abs(a));
        floats("copysign.f32 %d, %a, %b;", (a, b, _) -> b != b ? Float.NaN
                : Math.copySign(b, floatToRawIntBits(a) < 0 ? -1f : 1f));
    }

    private static float flushed(float a) {
        return Math.abs(a) < Float.MIN_NORMAL ? Math.copySign(0f, a) : a;
    }

    @Test
    void modifiers() {
        floats("add.ftz.f32 %d, %a, %b;", (a, b, _) -> flushed(flushed(a) + flushed(b)));
        floats("mul.ftz.f32 %d, %a, %b;", (a, b, _) -> flushed(flushed(a) * flushed(b)));
        floats("fma.rn.ftz.f32 %d, %a, %b, %c;", (a, b, c) -> flushed(Math.fma(flushed(a), flushed(b), flushed(c))));
        floats("add.sat.f32 %d, %a, %b;", (a, b, _) -> a + b > 0 ? Math.min(1, a + b) : 0);
        floats("fma.rn.sat.f32 %d, %a, %b, %c;", (a, b, c) -> Math.fma(a, b, c) > 0 ? Math.min(1, Math.fma(a, b, c))
                : 0);
    }

    @Test
    void leastAndMost() {
        floats("min.f32 %d, %a, %b;", (a, b, _) -> a != a ? b : b != b ? a : Math.min(a, b));
        floats("max.f32 %d, %a, %b;", (a, b, _) -> a != a ? b : b != b ? a : Math.max(a, b));
        floats("min.NaN.f32 %d, %a, %b;", (a, b, _) -> Math.min(a, b));
        floats("max.NaN.f32 %d, %a, %b;", (a, b, _) -> Math.max(a, b));
    }

    @ParameterizedTest
    @ValueSource(strings = {"rn", "rz", "rm", "rp"})
    void roundsExactResults(String mode) {
        exact("add." + mode + ".f32 %d, %a, %b;", mode, (a, b, _) -> a.add(b));
        exact("sub." + mode + ".f32 %d, %a, %b;", mode, (a, b, _) -> a.subtract(b));
        exact("mul." + mode + ".f32 %d, %a, %b;", mode, (a, b, _) -> a.multiply(b));
        exact("fma." + mode + ".f32 %d, %a, %b, %c;", mode, (a, b, c) -> a.multiply(b).add(c));
        exact("div." + mode + ".f32 %d, %a, %b;", mode, (a, b, _) -> b.signum() == 0 ? null
                : a.divide(b, new java.math.MathContext(120, java.math.RoundingMode.DOWN)));
    }

    private static void exact(String text, String mode, Exact operation) {
        Random random = new Random(SEED);
        int[] a = Snippet.randomFloats(random, COUNT);
        int[] b = Snippet.randomFloats(random, COUNT);
        int[] c = Snippet.randomFloats(random, COUNT);
        int[] d = Snippet.words(text, a, b, c);
        int checked = 0;
        for (int i = 0; i < COUNT; i++) {
            float x = intBitsToFloat(a[i]);
            float y = intBitsToFloat(b[i]);
            float z = intBitsToFloat(c[i]);
            if (!Float.isFinite(x) || !Float.isFinite(y) || !Float.isFinite(z)) {
                continue;
            }
            BigDecimal e = operation.apply(new BigDecimal(x), new BigDecimal(y), new BigDecimal(z));
            if (e == null || e.signum() == 0) {
                continue;
            }
            int expected = ExactFormat.SINGLE.round(e, mode) | (e.signum() < 0 ? 0x80000000 : 0);
            assertThat(d[i]).as("%s of %s, %s, %s (seed %d)", text, x, y, z, SEED).isEqualTo(expected);
            checked++;
        }
        assertThat(checked).isGreaterThan(COUNT / 3);
    }

    private static void approximation(String text, DoubleUnaryOperator expected) {
        Random random = new Random(SEED);
        int[] a = Snippet.randomFloats(random, COUNT);
        int[] d = Snippet.words(text, a, a, a);
        for (int i = 0; i < COUNT; i++) {
            float x = intBitsToFloat(a[i]);
            float e = (float) expected.applyAsDouble(x);
            float got = intBitsToFloat(d[i]);
            boolean close = same(got, e) || Math.abs(got - e) <= Math.ulp(e);
            assertThat(close).as("%s of %s is %s, not %s (seed %d)", text, x, got, e, SEED).isTrue();
        }
    }

    @Test
    void approximationsAreAccurate() {
        approximation("ex2.approx.f32 %d, %a;", a -> Math.exp(a * Math.log(2)));
        approximation("lg2.approx.f32 %d, %a;", a -> Math.log(a) / Math.log(2));
        approximation("sin.approx.f32 %d, %a;", Math::sin);
        approximation("cos.approx.f32 %d, %a;", Math::cos);
        approximation("tanh.approx.f32 %d, %a;", Math::tanh);
        approximation("rcp.approx.f32 %d, %a;", a -> 1 / a);
        approximation("sqrt.approx.f32 %d, %a;", Math::sqrt);
        approximation("rsqrt.approx.f32 %d, %a;", a -> 1 / Math.sqrt(a));
        floats("div.approx.f32 %d, %a, %b;", (a, b, _) -> a / b);
        floats("div.full.f32 %d, %a, %b;", (a, b, _) -> a / b);
        floats("ex2.approx.ftz.f32 %d, %a;", (a, _, _) -> flushed((float) Math.pow(2, flushed(a))));
    }

    private interface Doubles {
        double apply(double a, double b, double c);
    }

    private static void doubles(String text, Doubles expected) {
        Random random = new Random(SEED);
        long[][] in = new long[3][COUNT];
        for (long[] values : in) {
            for (int i = 0; i < COUNT; i++) {
                values[i] = random.nextInt(4) == 0 ? random.nextLong()
                        : Double.doubleToRawLongBits(random.nextGaussian());
            }
        }
        long[] d = Snippet.longs(text, in[0], in[1], in[2]);
        for (int i = 0; i < COUNT; i++) {
            double e = expected.apply(Double.longBitsToDouble(in[0][i]), Double.longBitsToDouble(in[1][i]),
                    Double.longBitsToDouble(in[2][i]));
            assertThat(Double.doubleToLongBits(Double.longBitsToDouble(d[i]))).as(text).isEqualTo(Double.doubleToLongBits(e));
        }
    }

    @Test
    void doubles() {
        doubles("add.f64 %ld, %la, %lb;", (a, b, _) -> a + b);
        doubles("sub.f64 %ld, %la, %lb;", (a, b, _) -> a - b);
        doubles("mul.f64 %ld, %la, 0d4000000000000000;", (a, _, _) -> a * 2);
        doubles("div.rn.f64 %ld, %la, %lb;", (a, b, _) -> a / b);
        doubles("fma.rn.f64 %ld, %la, %lb, %lc;", (a, b, c) -> Math.fma(a, b, c));
        doubles("sqrt.rn.f64 %ld, %la;", (a, _, _) -> Math.sqrt(a));
        doubles("neg.f64 %ld, %la;", (a, _, _) -> -a);
        doubles("max.f64 %ld, %la, %lb;", (a, b, _) -> a != a ? b : b != b ? a : Math.max(a, b));
    }
}
