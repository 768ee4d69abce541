package dev.pillion.cpu;

import static dev.pillion.cpu.VectorWidth.LANES;
import static dev.pillion.cpu.VectorWidth.load;
import static dev.pillion.cpu.VectorWidth.zero;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/** Rows of Q4_0 blocks, as they lie in the file: a half as scale, then 16 bytes, elements 0 to 15 in the
 * low and 16 to 31 in the high nibbles, centred at 8. */
final class PackedQ40 {
    private static final int BLOCK = 32;
    private static final int HALF = 16;
    private static final int BLOCK_BYTES = 18;

    private PackedQ40() {}

    static void widen(MemorySegment w, long row, float[] out, int outOffset, int columns) {
        long block = row;
        for (int k = 0; k < columns; k += BLOCK, block += BLOCK_BYTES) {
            float scale = VectorWidth.half(w, block);
            for (int i = 0; i < HALF; i += LANES) {
                low(w, block + 2 + i, scale).intoArray(out, outOffset + k + i);
                high(w, block + 2 + i, scale).intoArray(out, outOffset + k + HALF + i);
            }
        }
    }

    /** Accumulators of the products of four rows with one token. */
    static void multiplyFour(
            MemorySegment w, long row, long rowBytes, int columns, float[] x, int xOffset, float[] lanes) {
        long block = row;
        FloatVector s0 = zero();
        FloatVector s1 = zero();
        FloatVector s2 = zero();
        FloatVector s3 = zero();
        for (int k = 0; k < columns; k += BLOCK, block += BLOCK_BYTES) {
            s0 = addBlock(w, block, x, xOffset + k, s0);
            s1 = addBlock(w, block + rowBytes, x, xOffset + k, s1);
            s2 = addBlock(w, block + 2 * rowBytes, x, xOffset + k, s2);
            s3 = addBlock(w, block + 3 * rowBytes, x, xOffset + k, s3);
        }
        s0.intoArray(lanes, 0);
        s1.intoArray(lanes, LANES);
        s2.intoArray(lanes, 2 * LANES);
        s3.intoArray(lanes, 3 * LANES);
    }

    private static FloatVector addBlock(MemorySegment w, long block, float[] x, int xOffset, FloatVector sum) {
        FloatVector s = sum;
        float scale = VectorWidth.half(w, block);
        for (int i = 0; i < HALF; i += LANES) {
            s = low(w, block + 2 + i, scale).fma(load(x, xOffset + i), s);
        }
        for (int i = 0; i < HALF; i += LANES) {
            s = high(w, block + 2 + i, scale).fma(load(x, xOffset + HALF + i), s);
        }
        return s;
    }

    private static FloatVector low(MemorySegment w, long at, float scale) {
        return scaled(VectorWidth.bytes(w, at), scale);
    }

    private static FloatVector high(MemorySegment w, long at, float scale) {
        return scaled(VectorWidth.bytes(w, at).lanewise(VectorOperators.LSHR, 4), scale);
    }

    private static FloatVector scaled(IntVector nibbles, float scale) {
        return VectorWidth.toFloats(nibbles.lanewise(VectorOperators.AND, 0xF).sub(8)).mul(scale);
    }
}
