package dev.pillion.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * The exponential of every lane, each computed by itself, to within two units in the last place.
 *
 * <p>{@code e^x = 2^n * e^r} with {@code n = round(x / ln 2)} and {@code |r| <= ln 2 / 2}; {@code ln 2} is subtracted in two
 * parts, the first of few bits so that its product with {@code n} is exact (Cody and Waite); {@code e^r} is its Taylor
 * polynomial, whose first omitted term is below 2^-27. The power of two is applied in two halves, so that results beyond the
 * normal range become subnormal, zero or infinite as they should.
 */
final class VectorExp {
    private static final float LOG2_E = 1.44269504f;
    private static final float LN2_HIGH = 0.693359375f;
    private static final float LN2_LOW = -2.12194440e-4f;

    /** Adding and subtracting this rounds to an integer, which then is in the low bits of the sum. */
    private static final float ROUNDER = 0x1.8p23f;

    /** Below this the result rounds to zero. */
    private static final float LOWEST = -104.5f;

    /** Above this, and somewhat below, the result is infinite; {@code n} must stay under 256. */
    private static final float HIGHEST = 100f;

    private VectorExp() {}

    /** Lanes out of range, infinities included, compute some number, which is replaced at the end; NaN stays NaN. */
    static FloatVector exp(FloatVector x) {
        FloatVector shifted = x.mul(LOG2_E).add(ROUNDER);
        FloatVector n = shifted.sub(ROUNDER);
        FloatVector r = x.sub(n.mul(LN2_HIGH)).sub(n.mul(LN2_LOW));
        FloatVector p = r.mul(1 / 5040f).add(1 / 720f);
        p = p.fma(r, r.broadcast(1 / 120f));
        p = p.fma(r, r.broadcast(1 / 24f));
        p = p.fma(r, r.broadcast(1 / 6f));
        p = p.fma(r, r.broadcast(0.5f));
        p = p.fma(r, r.broadcast(1f));
        p = p.fma(r, r.broadcast(1f));
        IntVector power = shifted.reinterpretAsInts().sub(Float.floatToRawIntBits(ROUNDER));
        IntVector half = power.lanewise(VectorOperators.ASHR, 1);
        return p.mul(powerOfTwo(half))
                .mul(powerOfTwo(power.sub(half)))
                .blend(0, x.compare(VectorOperators.LT, LOWEST))
                .blend(Float.POSITIVE_INFINITY, x.compare(VectorOperators.GT, HIGHEST));
    }

    private static FloatVector powerOfTwo(IntVector exponent) {
        return exponent.add(127).lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats();
    }
}
