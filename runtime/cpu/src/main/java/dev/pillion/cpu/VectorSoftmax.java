package dev.pillion.cpu;

import static dev.pillion.cpu.VectorWidth.FLOATS;
import static dev.pillion.cpu.VectorWidth.LANES;
import static dev.pillion.cpu.VectorWidth.load;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Exponentials of some queries' scores over a tile. Runs over the whole vectors that a query's range touches; places
 * outside the range count as minus infinity, whose exponential is zero, so every place keeps its lane whatever the
 * range.
 */
final class VectorSoftmax {
    private VectorSoftmax() {}

    static void exponentials(
            float[] scores, int queries, int[] from, int[] to, float scale, float[] largest, float[] sum) {
        for (int i = 0; i < queries; i++) {
            int start = i * KvTile.TOKENS;
            int begin = start + begin(from[i]);
            int end = start + end(to[i]);
            Arrays.fill(scores, begin, start + from[i], Float.NEGATIVE_INFINITY);
            Arrays.fill(scores, start + to[i], end, Float.NEGATIVE_INFINITY);
            largest[i] = largest(scores, begin, end, scale);
        }
        for (int i = 0; i < queries; i++) {
            int begin = i * KvTile.TOKENS + begin(from[i]);
            float shift = largest[i] == Float.NEGATIVE_INFINITY ? 0 : largest[i];
            sum[i] = VectorExp.weights(scores, begin, i * KvTile.TOKENS + end(to[i]) - begin, scale, shift);
        }
    }

    private static int begin(int from) {
        return from / LANES * LANES;
    }

    private static int end(int to) {
        return Math.ceilDiv(to, LANES) * LANES;
    }

    /**
     * The largest scaled score; NaN counts as the lowest, and shows in the sum. Compared and blended: the maximum of
     * floats that Java defines takes several instructions for NaN and signed zeros, that of integers one.
     */
    private static float largest(float[] scores, int begin, int end, float scale) {
        FloatVector highest = FloatVector.broadcast(FLOATS, Float.NEGATIVE_INFINITY);
        for (int i = begin; i < end; i += LANES) {
            FloatVector v = load(scores, i).mul(scale);
            highest = highest.blend(v, v.compare(VectorOperators.GT, highest));
        }
        IntVector bits = highest.reinterpretAsInts();
        IntVector magnitudeIfNegative = bits.lanewise(VectorOperators.ASHR, 31)
                .lanewise(VectorOperators.AND, Integer.MAX_VALUE);
        return fromOrdered(bits.lanewise(VectorOperators.XOR, magnitudeIfNegative).reduceLanes(VectorOperators.MAX));
    }

    /** Undoes the mapping of floats to integers of the same order. */
    private static float fromOrdered(int bits) {
        return Float.intBitsToFloat(bits ^ bits >> 31 & Integer.MAX_VALUE);
    }
}
