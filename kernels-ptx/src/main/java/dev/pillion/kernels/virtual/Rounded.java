package dev.pillion.kernels.virtual;

/**
 * Rounding of exact sums and products to narrower formats. An exact value is handed over as a double that was rounded
 * to odd: truncated, and its last bit set if anything was cut off. Such a double rounds further, in any direction and
 * to any format of at most 51 bits, as the exact value would (Boldo and Melquiond, "Emulation of a FMA and correctly
 * rounded sums", IEEE Transactions on Computers 57, 2008).
 */
final class Rounded {
    private Rounded() {}

    /** The sum, rounded to odd. */
    static double sum(double a, double b) {
        double s = a + b;
        if (!Double.isFinite(s) || s == 0) {
            return s;
        }
        double bb = s - a;
        double error = (a - (s - bb)) + (b - bb);
        return odd(s, error);
    }

    /** The product plus {@code c}, rounded to odd; {@code a} and {@code b} are floats or narrower. */
    static double productSum(double a, double b, double c) {
        return sum(a * b, c);
    }

    /** A rounded result and what it lacks, as one value rounded to odd. */
    private static double odd(double s, double error) {
        if (error == 0 || (Double.doubleToRawLongBits(s) & 1) != 0) {
            return s;
        }
        return step(s, error > 0 == s > 0 ? 1 : -1);
    }

    private static double step(double s, int outward) {
        return Double.longBitsToDouble(Double.doubleToRawLongBits(s) + outward);
    }

    /** Rounds to a float. */
    static float toFloat(double value, Rounding rounding) {
        float nearest = (float) value;
        if (rounding == Rounding.NEAREST || Double.isNaN(value) || nearest == value) {
            return nearest;
        }
        boolean over = nearest > value;
        return switch (rounding) {
            case UP -> over ? nearest : Math.nextUp(nearest);
            case DOWN -> over ? Math.nextDown(nearest) : nearest;
            case ZERO -> value > 0 ? over ? Math.nextDown(nearest) : nearest : over ? nearest : Math.nextUp(nearest);
            default -> throw new IllegalArgumentException(rounding.name());
        };
    }

    /** Rounds to an IEEE half: bits in the low 16. */
    static int toHalf(double value, Rounding rounding) {
        return narrow(value, rounding, 10, 15);
    }

    /** Rounds to a bfloat16: bits in the low 16. */
    static int toBrain(double value, Rounding rounding) {
        return narrow(value, rounding, 7, 127);
    }

    /** Rounds to a 16-bit format with so many bits of fraction and largest exponent; NaN becomes 0x7fff. */
    private static int narrow(double value, Rounding rounding, int fraction, int maxExponent) {
        if (Double.isNaN(value)) {
            return 0x7fff;
        }
        int sign = Double.doubleToRawLongBits(value) < 0 ? 0x8000 : 0;
        double magnitude = Math.abs(value);
        int infinity = 2 * maxExponent + 1 << fraction;
        if (magnitude == Double.POSITIVE_INFINITY) {
            return sign | infinity;
        }
        int exponent = Math.max(Math.getExponent(magnitude), 1 - maxExponent);
        // In units of the last place the value is at most 2^(fraction + 1), so that it rounds exactly.
        double units = magnitude * Math.scalb(1.0, fraction - exponent);
        double rounded = switch (rounding) {
            case NEAREST -> Math.rint(units);
            case ZERO -> Math.floor(units);
            case DOWN -> sign == 0 ? Math.floor(units) : Math.ceil(units);
            case UP -> sign == 0 ? Math.ceil(units) : Math.floor(units);
            case AWAY -> Math.floor(units + 0.5);
        };
        // A fraction that carries over raises the exponent by itself.
        int bits = (exponent + maxExponent - 1 << fraction) + (int) rounded;
        if (bits < infinity) {
            return sign | bits;
        }
        boolean stops = rounding == Rounding.ZERO || rounding == (sign == 0 ? Rounding.DOWN : Rounding.UP);
        return sign | (stops ? infinity - 1 : infinity);
    }

    /** The float that a bfloat16 is. */
    static float fromBrain(int bits) {
        return Float.intBitsToFloat(bits << 16);
    }

    /** The float that an IEEE half is. */
    static float fromHalf(int bits) {
        return Float.float16ToFloat((short) bits);
    }

    /** Rounds a float to the nearest IEEE half. */
    static int halfOf(float value) {
        return Float.isNaN(value) ? 0x7fff : Float.floatToFloat16(value) & 0xffff;
    }

    /** Rounds a float to the nearest bfloat16. */
    static int brainOf(float value) {
        int bits = Float.floatToRawIntBits(value);
        return value != value ? 0x7fff : bits + 0x7fff + (bits >>> 16 & 1) >>> 16;
    }
}
