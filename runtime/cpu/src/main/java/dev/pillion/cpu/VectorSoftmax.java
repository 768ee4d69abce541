package dev.pillion.cpu;

import static dev.pillion.cpu.VectorWidth.FLOATS;
import static dev.pillion.cpu.VectorWidth.LANES;
import static dev.pillion.cpu.VectorWidth.load;
import static dev.pillion.cpu.VectorWidth.zero;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Exponentials of one query's scores over a tile. Runs over the whole vectors that the range touches; places outside
 * the range count as minus infinity, whose exponential is zero, so every place keeps its lane whatever the range.
 */
final class VectorSoftmax {
    private VectorSoftmax() {}

    static void exponentials(float[] scores, int scoresOffset, int from, int to, float scale, float[] largestAndSum) {
        int begin = scoresOffset + from / LANES * LANES;
        int end = scoresOffset + Math.ceilDiv(to, LANES) * LANES;
        scale(scores, begin, end, scale);
        Arrays.fill(scores, begin, scoresOffset + from, Float.NEGATIVE_INFINITY);
        Arrays.fill(scores, scoresOffset + to, end, Float.NEGATIVE_INFINITY);
        float largest = largest(scores, begin, end);
        float shift = largest == Float.NEGATIVE_INFINITY ? 0 : largest;
        VectorExp.exp(scores, begin, 1, shift, scores, begin, end - begin);
        largestAndSum[0] = largest;
        largestAndSum[1] = sum(scores, begin, end);
    }

    private static void scale(float[] scores, int begin, int end, float scale) {
        for (int i = begin; i < end; i += LANES) {
            load(scores, i).mul(scale).intoArray(scores, i);
        }
    }

    private static float largest(float[] scores, int begin, int end) {
        FloatVector highest = FloatVector.broadcast(FLOATS, Float.NEGATIVE_INFINITY);
        for (int i = begin; i < end; i += LANES) {
            highest = highest.max(load(scores, i));
        }
        return highest.reduceLanes(VectorOperators.MAX);
    }

    private static float sum(float[] scores, int begin, int end) {
        FloatVector sum = zero();
        for (int i = begin; i < end; i += LANES) {
            sum = sum.add(load(scores, i));
        }
        return VectorSum.of(sum);
    }
}
