package dev.pillion.cpu;

import static dev.pillion.cpu.VectorWidth.FLOATS;
import static dev.pillion.cpu.VectorWidth.LANES;

import java.util.Objects;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Exponentials, each computed by itself whatever its lane, to within two units in the last place.
 *
 * <p>{@code e^x = 2^n * e^r} with {@code n = round(x / ln 2)} and {@code |r| <= ln 2 / 2}; {@code ln 2} is subtracted
 * in two parts, the first of few bits so that its product with {@code n} is exact (Cody and Waite); {@code e^r} is its
 * Taylor polynomial, whose first omitted term is below 2^-27. The power of two is applied in two halves, so that
 * results beyond the normal range become subnormal, zero or infinite as they should.
 */
final class VectorExp {
    private static final float LOG2_E = 1.44269504f;
    private static final float LN2_HIGH = 0.693359375f;
    private static final float LN2_LOW = -2.12194440e-4f;

    /** Adding and subtracting this rounds to an integer, which then is in the low bits of the sum. */
    private static final float ROUNDER = 0x1.8p23f;

    /** Below this the result rounds to zero. */
    private static final float LOWEST = -104.5f;

    /** Below this a weight counts as zero: {@code n} must stay above -127. */
    private static final float LOWEST_WEIGHT = -87.3f;

    /** Above this, and somewhat below, the result is infinite; {@code n} must stay under 256. */
    private static final float HIGHEST = 100f;

    private VectorExp() {}

    /**
     * {@code out = exp(sign * x - shift)} for whole vectors; out may be x. Lanes out of range, infinities included,
     * compute some number, which is replaced at the end; NaN stays NaN.
     *
     * <p>One long method on purpose: longer than the compiler inlines (325 bytes of code), it is compiled by itself. As
     * part of a larger method it exceeds the budget for inlining the Vector API, and then every step allocates.
     */
    static void exp(float[] x, int xOffset, float sign, float shift, float[] out, int outOffset, int length) {
        Objects.checkFromIndexSize(xOffset, length, x.length);
        Objects.checkFromIndexSize(outOffset, length, out.length);
        for (int i = 0; i < length; i += LANES) {
            FloatVector v = FloatVector.fromArray(FLOATS, x, xOffset + i).mul(sign).sub(shift);
            FloatVector shifted = v.mul(LOG2_E).add(ROUNDER);
            FloatVector n = shifted.sub(ROUNDER);
            FloatVector r = v.sub(n.mul(LN2_HIGH)).sub(n.mul(LN2_LOW));
            FloatVector p = r.mul(1 / 5040f).add(1 / 720f);
            p = p.fma(r, FloatVector.broadcast(FLOATS, 1 / 120f));
            p = p.fma(r, FloatVector.broadcast(FLOATS, 1 / 24f));
            p = p.fma(r, FloatVector.broadcast(FLOATS, 1 / 6f));
            p = p.fma(r, FloatVector.broadcast(FLOATS, 0.5f));
            p = p.fma(r, FloatVector.broadcast(FLOATS, 1f));
            p = p.fma(r, FloatVector.broadcast(FLOATS, 1f));
            IntVector power = shifted.reinterpretAsInts().sub(Float.floatToRawIntBits(ROUNDER));
            IntVector half = power.lanewise(VectorOperators.ASHR, 1);
            IntVector rest = power.sub(half);
            FloatVector first = half.add(127).lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats();
            FloatVector second = rest.add(127).lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats();
            p.mul(first)
                    .mul(second)
                    .blend(0, v.compare(VectorOperators.LT, LOWEST))
                    .blend(Float.POSITIVE_INFINITY, v.compare(VectorOperators.GT, HIGHEST))
                    .intoArray(out, outOffset + i);
        }
    }

    /**
     * {@code x = exp(scale * x - shift)} for whole vectors, where the shift is the largest {@code scale * x} up to
     * rounding: softmax weights. Those below 2^-126 become zero, so one power of two is enough. One long method, as
     * {@link #exp} is.
     *
     * @return the sum of the weights
     */
    static float weights(float[] x, int xOffset, int length, float scale, float shift) {
        Objects.checkFromIndexSize(xOffset, length, x.length);
        FloatVector sum = FloatVector.zero(FLOATS);
        for (int i = xOffset; i < xOffset + length; i += LANES) {
            FloatVector v = FloatVector.fromArray(FLOATS, x, i)
                    .fma(FloatVector.broadcast(FLOATS, scale), FloatVector.broadcast(FLOATS, -shift));
            FloatVector shifted = v.fma(FloatVector.broadcast(FLOATS, LOG2_E), FloatVector.broadcast(FLOATS, ROUNDER));
            FloatVector n = shifted.sub(ROUNDER);
            FloatVector r = n.fma(FloatVector.broadcast(FLOATS, -LN2_HIGH), v);
            r = n.fma(FloatVector.broadcast(FLOATS, -LN2_LOW), r);
            FloatVector p = r.fma(
                    FloatVector.broadcast(FLOATS, 1 / 5040f), FloatVector.broadcast(FLOATS, 1 / 720f));
            p = p.fma(r, FloatVector.broadcast(FLOATS, 1 / 120f));
            p = p.fma(r, FloatVector.broadcast(FLOATS, 1 / 24f));
            p = p.fma(r, FloatVector.broadcast(FLOATS, 1 / 6f));
            p = p.fma(r, FloatVector.broadcast(FLOATS, 0.5f));
            p = p.fma(r, FloatVector.broadcast(FLOATS, 1f));
            p = p.fma(r, FloatVector.broadcast(FLOATS, 1f));
            IntVector power = shifted.reinterpretAsInts().sub(Float.floatToRawIntBits(ROUNDER) - 127);
            FloatVector weight = p.mul(power.lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats())
                    .blend(0, v.compare(VectorOperators.LT, LOWEST_WEIGHT));
            weight.intoArray(x, i);
            sum = sum.add(weight);
        }
        return VectorSum.of(sum);
    }
}
