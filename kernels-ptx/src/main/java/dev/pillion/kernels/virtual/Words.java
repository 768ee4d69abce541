package dev.pillion.kernels.virtual;

import static dev.pillion.kernels.virtual.Lanes.COUNT;

/** 32-bit integer operations that kernels are full of, each as a loop that compiles to vector instructions. */
final class Words {
    private Words() {}

    static void copy(int[] d, int[] a) {
        System.arraycopy(a, 0, d, 0, COUNT);
    }

    static void negate(int[] d, int[] a) {
        for (int i = 0; i < COUNT; i++) {
            d[i] = -a[i];
        }
    }

    static void not(int[] d, int[] a) {
        for (int i = 0; i < COUNT; i++) {
            d[i] = ~a[i];
        }
    }

    static void add(int[] d, int[] a, int[] b) {
        for (int i = 0; i < COUNT; i++) {
            d[i] = a[i] + b[i];
        }
    }

    static void subtract(int[] d, int[] a, int[] b) {
        for (int i = 0; i < COUNT; i++) {
            d[i] = a[i] - b[i];
        }
    }

    static void multiply(int[] d, int[] a, int[] b) {
        for (int i = 0; i < COUNT; i++) {
            d[i] = a[i] * b[i];
        }
    }

    static void multiplyAdd(int[] d, int[] a, int[] b, int[] c) {
        for (int i = 0; i < COUNT; i++) {
            d[i] = a[i] * b[i] + c[i];
        }
    }

    static void and(int[] d, int[] a, int[] b) {
        for (int i = 0; i < COUNT; i++) {
            d[i] = a[i] & b[i];
        }
    }

    static void or(int[] d, int[] a, int[] b) {
        for (int i = 0; i < COUNT; i++) {
            d[i] = a[i] | b[i];
        }
    }

    static void xor(int[] d, int[] a, int[] b) {
        for (int i = 0; i < COUNT; i++) {
            d[i] = a[i] ^ b[i];
        }
    }

    static void minimum(int[] d, int[] a, int[] b) {
        for (int i = 0; i < COUNT; i++) {
            d[i] = Math.min(a[i], b[i]);
        }
    }

    static void maximum(int[] d, int[] a, int[] b) {
        for (int i = 0; i < COUNT; i++) {
            d[i] = Math.max(a[i], b[i]);
        }
    }

    /** Amounts of 32 and more shift everything out. */
    static void shiftLeft(int[] d, int[] a, int[] b) {
        for (int i = 0; i < COUNT; i++) {
            d[i] = (b[i] & ~31) == 0 ? a[i] << b[i] : 0;
        }
    }

    /** Amounts of 32 and more shift everything out. */
    static void shiftRight(int[] d, int[] a, int[] b) {
        for (int i = 0; i < COUNT; i++) {
            d[i] = (b[i] & ~31) == 0 ? a[i] >>> b[i] : 0;
        }
    }

    /** Amounts of 32 and more leave the sign. */
    static void shiftRightSigned(int[] d, int[] a, int[] b) {
        for (int i = 0; i < COUNT; i++) {
            d[i] = (b[i] & ~31) == 0 ? a[i] >> b[i] : a[i] >> 31;
        }
    }

    static int equal(int[] a, int[] b) {
        int holds = 0;
        for (int i = 0; i < COUNT; i++) {
            holds |= (a[i] == b[i] ? 1 : 0) << i;
        }
        return holds;
    }

    static int less(int[] a, int[] b) {
        int holds = 0;
        for (int i = 0; i < COUNT; i++) {
            holds |= (a[i] < b[i] ? 1 : 0) << i;
        }
        return holds;
    }

    static int below(int[] a, int[] b) {
        int holds = 0;
        for (int i = 0; i < COUNT; i++) {
            holds |= (a[i] + Integer.MIN_VALUE < b[i] + Integer.MIN_VALUE ? 1 : 0) << i;
        }
        return holds;
    }
}
