package dev.pillion.cpu;

import static dev.pillion.cpu.VectorWidth.FLOATS;
import static dev.pillion.cpu.VectorWidth.LANES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShuffle;

/**
 * Sums over the lanes of a vector, as a tree: lanes half a vector apart first, neighbours last. {@code reduceLanes}
 * leaves the order open, and compiled code takes another than interpreted code.
 */
final class VectorSum {
    private static final VectorShuffle<Float> SWAP_8 = swap(8);
    private static final VectorShuffle<Float> SWAP_4 = swap(4);
    private static final VectorShuffle<Float> SWAP_2 = swap(2);
    private static final VectorShuffle<Float> SWAP_1 = swap(1);

    private VectorSum() {}

    private static VectorShuffle<Float> swap(int distance) {
        return VectorShuffle.fromOp(FLOATS, lane -> (lane ^ distance) & (FLOATS.length() - 1));
    }

    /**
     * Sums of stored accumulators. A method of its own: inlined into the large kernels, several sums exceed what the
     * compiler is willing to inline, and then no vector stays in a register.
     *
     * @param lanes the vectors, one after the other
     * @param first number of the first
     * @param count how many
     */
    static void of(float[] lanes, int first, int count, float[] out, int outOffset) {
        for (int i = 0; i < count; i++) {
            out[outOffset + i] = of(VectorWidth.load(lanes, (first + i) * LANES));
        }
    }

    /** Sum of one vector, in steps small enough to be inlined anywhere: a vector passed to a real call is boxed. */
    static float of(FloatVector v) {
        return fold1(fold2(fold4(fold8(v)))).lane(0);
    }

    private static FloatVector fold8(FloatVector v) {
        return LANES >= 16 ? v.add(v.rearrange(SWAP_8)) : v;
    }

    private static FloatVector fold4(FloatVector v) {
        return LANES >= 8 ? v.add(v.rearrange(SWAP_4)) : v;
    }

    private static FloatVector fold2(FloatVector v) {
        return v.add(v.rearrange(SWAP_2));
    }

    private static FloatVector fold1(FloatVector v) {
        return v.add(v.rearrange(SWAP_1));
    }
}
