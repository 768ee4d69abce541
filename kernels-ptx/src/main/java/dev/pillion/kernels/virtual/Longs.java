package dev.pillion.kernels.virtual;

import static dev.pillion.kernels.virtual.Lanes.COUNT;

/** 64-bit integer operations that address arithmetic is made of. */
final class Longs {
    private Longs() {}

    static void copy(long[] d, long[] a) {
        System.arraycopy(a, 0, d, 0, COUNT);
    }

    static void add(long[] d, long[] a, long[] b) {
        for (int i = 0; i < COUNT; i++) {
            d[i] = a[i] + b[i];
        }
    }

    static void subtract(long[] d, long[] a, long[] b) {
        for (int i = 0; i < COUNT; i++) {
            d[i] = a[i] - b[i];
        }
    }

    static void multiply(long[] d, long[] a, long[] b) {
        for (int i = 0; i < COUNT; i++) {
            d[i] = a[i] * b[i];
        }
    }

    static void multiplyAdd(long[] d, long[] a, long[] b, long[] c) {
        for (int i = 0; i < COUNT; i++) {
            d[i] = a[i] * b[i] + c[i];
        }
    }

    static void and(long[] d, long[] a, long[] b) {
        for (int i = 0; i < COUNT; i++) {
            d[i] = a[i] & b[i];
        }
    }

    static void or(long[] d, long[] a, long[] b) {
        for (int i = 0; i < COUNT; i++) {
            d[i] = a[i] | b[i];
        }
    }

    static void xor(long[] d, long[] a, long[] b) {
        for (int i = 0; i < COUNT; i++) {
            d[i] = a[i] ^ b[i];
        }
    }

    /** Amounts of 64 and more shift everything out. */
    static void shiftLeft(long[] d, long[] a, int[] b) {
        for (int i = 0; i < COUNT; i++) {
            d[i] = (b[i] & ~63) == 0 ? a[i] << b[i] : 0;
        }
    }

    /** Amounts of 64 and more shift everything out. */
    static void shiftRight(long[] d, long[] a, int[] b) {
        for (int i = 0; i < COUNT; i++) {
            d[i] = (b[i] & ~63) == 0 ? a[i] >>> b[i] : 0;
        }
    }

    /** Amounts of 64 and more leave the sign. */
    static void shiftRightSigned(long[] d, long[] a, int[] b) {
        for (int i = 0; i < COUNT; i++) {
            d[i] = (b[i] & ~63) == 0 ? a[i] >> b[i] : a[i] >> 63;
        }
    }

    static void widenSigned(long[] d, int[] a) {
        for (int i = 0; i < COUNT; i++) {
            d[i] = a[i];
        }
    }

    static void widen(long[] d, int[] a) {
        for (int i = 0; i < COUNT; i++) {
            d[i] = a[i] & 0xffff_ffffL;
        }
    }

    static void narrow(int[] d, long[] a) {
        for (int i = 0; i < COUNT; i++) {
            d[i] = (int) a[i];
        }
    }

    static void multiplyWideSigned(long[] d, int[] a, int[] b) {
        for (int i = 0; i < COUNT; i++) {
            d[i] = (long) a[i] * b[i];
        }
    }

    static void multiplyWide(long[] d, int[] a, int[] b) {
        for (int i = 0; i < COUNT; i++) {
            d[i] = (a[i] & 0xffff_ffffL) * (b[i] & 0xffff_ffffL);
        }
    }

    static void multiplyAddWideSigned(long[] d, int[] a, int[] b, long[] c) {
        for (int i = 0; i < COUNT; i++) {
            d[i] = (long) a[i] * b[i] + c[i];
        }
    }

    static void multiplyAddWide(long[] d, int[] a, int[] b, long[] c) {
        for (int i = 0; i < COUNT; i++) {
            d[i] = (a[i] & 0xffff_ffffL) * (b[i] & 0xffff_ffffL) + c[i];
        }
    }
}
