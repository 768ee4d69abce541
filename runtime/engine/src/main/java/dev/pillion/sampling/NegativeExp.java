package dev.pillion.sampling;

/**
 * The exponential of numbers up to zero, for softmax. {@link Math#exp} may differ in the last bit from one machine to
 * another, and a seed has to give the same tokens everywhere; {@link StrictMath#exp} may not, but is slow over a
 * vocabulary. This one is made of IEEE additions and multiplications alone, thus the same everywhere, within 2 units in
 * the last place.
 *
 * <p>Method: x = k ln 2 + r with |r| at most ln(2) / 2, so e^x = 2^k e^r. The Taylor series of e^r to the power 13
 * leaves an error below 5e-18. ln 2 is split in two, the larger part with zeros at its end, so that k times it is
 * exact.
 */
final class NegativeExp {
    private static final double LOG2_E = 1.4426950408889634;
    private static final double LN2_HIGH = 0x1.62e42feep-1;
    private static final double LN2_LOW = 0x1.a39ef35793c76p-33;
    /** Below it 2^k would leave the normal numbers; such a weight is 1e-307 of the largest one: zero. */
    private static final double FLUSH_BELOW = -708;

    private NegativeExp() {}

    /**
     * e to the power x; exactly 1 for 0, exactly 0 below -708.
     *
     * @param x zero or less; -Infinity is allowed
     */
    static double exp(double x) {
        if (x < FLUSH_BELOW) {
            return 0;
        }
        double k = Math.rint(x * LOG2_E);
        double r = (x - k * LN2_HIGH) - k * LN2_LOW;
        double series = 1.0 / 6227020800.0;
        series = series * r + 1.0 / 479001600.0;
        series = series * r + 1.0 / 39916800.0;
        series = series * r + 1.0 / 3628800.0;
        series = series * r + 1.0 / 362880.0;
        series = series * r + 1.0 / 40320.0;
        series = series * r + 1.0 / 5040.0;
        series = series * r + 1.0 / 720.0;
        series = series * r + 1.0 / 120.0;
        series = series * r + 1.0 / 24.0;
        series = series * r + 1.0 / 6.0;
        series = series * r + 0.5;
        series = series * r + 1.0;
        series = series * r + 1.0;
        return series * Double.longBitsToDouble(((long) k + 1023) << 52);
    }
}
