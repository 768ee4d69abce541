package dev.pillion.kernels.virtual;

import java.util.function.IntBinaryOperator;
import java.util.function.IntUnaryOperator;
import java.util.function.LongBinaryOperator;
import java.util.function.LongUnaryOperator;

/**
 * Shapes of operations on 32 lanes at once. A word holds 32 bits, or 16 bits of which the upper half is zero; a long
 * holds 64. Operations write all lanes of the target; who calls keeps those that do not take part.
 */
final class Lanes {
    /** Lanes of a warp. */
    static final int COUNT = 32;

    private Lanes() {}

    /** word = f(word). */
    interface WordUnary {
        void apply(int[] d, int[] a);
    }

    /** word = f(word, word). */
    interface WordBinary {
        void apply(int[] d, int[] a, int[] b);
    }

    /** word = f(word, word, word). */
    interface WordTernary {
        void apply(int[] d, int[] a, int[] b, int[] c);
    }

    /** long = f(long). */
    interface LongUnary {
        void apply(long[] d, long[] a);
    }

    /** long = f(long, long). */
    interface LongBinary {
        void apply(long[] d, long[] a, long[] b);
    }

    /** long = f(long, long, long). */
    interface LongTernary {
        void apply(long[] d, long[] a, long[] b, long[] c);
    }

    /** long = f(long, word). */
    interface LongShift {
        void apply(long[] d, long[] a, int[] b);
    }

    /** long = f(word). */
    interface Widening {
        void apply(long[] d, int[] a);
    }

    /** word = f(long). */
    interface Narrowing {
        void apply(int[] d, long[] a);
    }

    /** long = f(word, word). */
    interface WideBinary {
        void apply(long[] d, int[] a, int[] b);
    }

    /** long = f(word, word, long). */
    interface WideTernary {
        void apply(long[] d, int[] a, int[] b, long[] c);
    }

    /** Lanes where a relation of words holds. */
    interface WordTest {
        int apply(int[] a, int[] b);
    }

    /** Lanes where a relation of longs holds. */
    interface LongTest {
        int apply(long[] a, long[] b);
    }

    /** A relation of two words. */
    interface WordRelation {
        boolean holds(int a, int b);
    }

    /** A relation of two longs. */
    interface LongRelation {
        boolean holds(long a, long b);
    }

    /** A ternary operator on words. */
    interface IntTernaryOperator {
        int apply(int a, int b, int c);
    }

    /** A ternary operator on longs. */
    interface LongTernaryOperator {
        long apply(long a, long b, long c);
    }

    static WordUnary each(IntUnaryOperator f) {
        return (d, a) -> {
            for (int i = 0; i < COUNT; i++) {
                d[i] = f.applyAsInt(a[i]);
            }
        };
    }

    static WordBinary each(IntBinaryOperator f) {
        return (d, a, b) -> {
            for (int i = 0; i < COUNT; i++) {
                d[i] = f.applyAsInt(a[i], b[i]);
            }
        };
    }

    static WordTernary each(IntTernaryOperator f) {
        return (d, a, b, c) -> {
            for (int i = 0; i < COUNT; i++) {
                d[i] = f.apply(a[i], b[i], c[i]);
            }
        };
    }

    static LongUnary eachLong(LongUnaryOperator f) {
        return (d, a) -> {
            for (int i = 0; i < COUNT; i++) {
                d[i] = f.applyAsLong(a[i]);
            }
        };
    }

    static LongBinary eachLong(LongBinaryOperator f) {
        return (d, a, b) -> {
            for (int i = 0; i < COUNT; i++) {
                d[i] = f.applyAsLong(a[i], b[i]);
            }
        };
    }

    static LongTernary eachLong(LongTernaryOperator f) {
        return (d, a, b, c) -> {
            for (int i = 0; i < COUNT; i++) {
                d[i] = f.apply(a[i], b[i], c[i]);
            }
        };
    }

    static WordTest test(WordRelation relation) {
        return (a, b) -> {
            int holds = 0;
            for (int i = 0; i < COUNT; i++) {
                holds |= (relation.holds(a[i], b[i]) ? 1 : 0) << i;
            }
            return holds;
        };
    }

    static LongTest testLong(LongRelation relation) {
        return (a, b) -> {
            int holds = 0;
            for (int i = 0; i < COUNT; i++) {
                holds |= (relation.holds(a[i], b[i]) ? 1 : 0) << i;
            }
            return holds;
        };
    }

    /** Takes over the lanes of a mask. */
    static void merge(int[] target, int[] source, int mask) {
        for (int m = mask; m != 0; m &= m - 1) {
            int lane = Integer.numberOfTrailingZeros(m);
            target[lane] = source[lane];
        }
    }

    /** Takes over the lanes of a mask. */
    static void merge(long[] target, long[] source, int mask) {
        for (int m = mask; m != 0; m &= m - 1) {
            int lane = Integer.numberOfTrailingZeros(m);
            target[lane] = source[lane];
        }
    }
}
