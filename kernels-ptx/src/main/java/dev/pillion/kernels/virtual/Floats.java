package dev.pillion.kernels.virtual;

import static dev.pillion.kernels.virtual.Lanes.COUNT;
import static java.lang.Float.floatToRawIntBits;
import static java.lang.Float.intBitsToFloat;

/** Single-precision operations on the bits of floats that kernels are full of. */
final class Floats {
    /** The NaN that instructions give. */
    static final int NAN = 0x7fffffff;

    private Floats() {}

    static void add(int[] d, int[] a, int[] b) {
        for (int i = 0; i < COUNT; i++) {
            d[i] = floatToRawIntBits(intBitsToFloat(a[i]) + intBitsToFloat(b[i]));
        }
    }

    static void subtract(int[] d, int[] a, int[] b) {
        for (int i = 0; i < COUNT; i++) {
            d[i] = floatToRawIntBits(intBitsToFloat(a[i]) - intBitsToFloat(b[i]));
        }
    }

    static void multiply(int[] d, int[] a, int[] b) {
        for (int i = 0; i < COUNT; i++) {
            d[i] = floatToRawIntBits(intBitsToFloat(a[i]) * intBitsToFloat(b[i]));
        }
    }

    static void divide(int[] d, int[] a, int[] b) {
        for (int i = 0; i < COUNT; i++) {
            d[i] = floatToRawIntBits(intBitsToFloat(a[i]) / intBitsToFloat(b[i]));
        }
    }

    static void multiplyAdd(int[] d, int[] a, int[] b, int[] c) {
        for (int i = 0; i < COUNT; i++) {
            d[i] = floatToRawIntBits(Math.fma(intBitsToFloat(a[i]), intBitsToFloat(b[i]), intBitsToFloat(c[i])));
        }
    }

    static void negate(int[] d, int[] a) {
        for (int i = 0; i < COUNT; i++) {
            d[i] = a[i] ^ 0x80000000;
        }
    }

    static void absolute(int[] d, int[] a) {
        for (int i = 0; i < COUNT; i++) {
            d[i] = a[i] & 0x7fffffff;
        }
    }

    /** A NaN loses against a number; -0 is less than +0. */
    static void minimum(int[] d, int[] a, int[] b) {
        for (int i = 0; i < COUNT; i++) {
            float x = intBitsToFloat(a[i]);
            float y = intBitsToFloat(b[i]);
            d[i] = x != x ? y != y ? NAN : b[i] : y != y ? a[i] : floatToRawIntBits(Math.min(x, y));
        }
    }

    /** A NaN loses against a number; -0 is less than +0. */
    static void maximum(int[] d, int[] a, int[] b) {
        for (int i = 0; i < COUNT; i++) {
            float x = intBitsToFloat(a[i]);
            float y = intBitsToFloat(b[i]);
            d[i] = x != x ? y != y ? NAN : b[i] : y != y ? a[i] : floatToRawIntBits(Math.max(x, y));
        }
    }

    /** Subnormal numbers count as zero of their sign. */
    static int flush(int bits) {
        return (bits & 0x7f800000) == 0 ? bits & 0x80000000 : bits;
    }

    static void flush(int[] d, int[] a) {
        for (int i = 0; i < COUNT; i++) {
            d[i] = (a[i] & 0x7f800000) == 0 ? a[i] & 0x80000000 : a[i];
        }
    }

    /** Clamps to [0, 1]; NaN becomes 0. */
    static float saturate(float value) {
        return value > 0 ? Math.min(value, 1f) : 0f;
    }
}
