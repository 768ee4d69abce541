package dev.pillion.cpu;

import static dev.pillion.cpu.VectorWidth.LANES;
import static dev.pillion.cpu.VectorWidth.load;
import static dev.pillion.cpu.VectorWidth.zero;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Rows of Q4_0 blocks, as they lie in the file: a half as scale, then 16 bytes, elements 0 to 15 in the low and 16 to
 * 31 in the high nibbles, centred at 8.
 */
final class PackedQ40 {
    /** Rows multiplied at once; with more, the method exceeds what the compiler is willing to inline into it. */
    static final int ROWS = 2;

    private static final int BLOCK = 32;
    private static final int HALF = 16;
    private static final int BLOCK_BYTES = 18;

    private PackedQ40() {}

    static void widen(MemorySegment w, long row, float[] out, int outOffset, int columns) {
        long block = row;
        for (int k = 0; k < columns; k += BLOCK, block += BLOCK_BYTES) {
            float scale = VectorWidth.half(w, block);
            for (int i = 0; i < HALF; i += LANES) {
                IntVector q = VectorWidth.bytes(w, block + 2 + i);
                values(q, scale).intoArray(out, outOffset + k + i);
                values(q.lanewise(VectorOperators.LSHR, 4), scale).intoArray(out, outOffset + k + HALF + i);
            }
        }
    }

    /** Accumulators of the products of {@link #ROWS} rows with one token. */
    static void multiply(MemorySegment w, long row, long rowBytes, int columns, float[] x, int xOffset, float[] lanes) {
        long block = row;
        FloatVector s0 = zero();
        FloatVector s1 = zero();
        for (int k = 0; k < columns; k += BLOCK, block += BLOCK_BYTES) {
            float scale0 = VectorWidth.half(w, block);
            float scale1 = VectorWidth.half(w, block + rowBytes);
            for (int shift = 0; shift < 8; shift += 4) {
                for (int i = 0; i < HALF; i += LANES) {
                    FloatVector v = load(x, xOffset + k + 4 * shift + i);
                    IntVector q0 = VectorWidth.bytes(w, block + 2 + i).lanewise(VectorOperators.LSHR, shift);
                    IntVector q1 = VectorWidth.bytes(w, block + rowBytes + 2 + i).lanewise(VectorOperators.LSHR, shift);
                    s0 = values(q0, scale0).fma(v, s0);
                    s1 = values(q1, scale1).fma(v, s1);
                }
            }
        }
        s0.intoArray(lanes, 0);
        s1.intoArray(lanes, LANES);
    }

    private static FloatVector values(IntVector q, float scale) {
        return NibbleTable.FITS
                ? NibbleTable.look(NibbleTable.centred(scale, 8), q)
                : NibbleTable.toFloats(q).sub(8).mul(scale);
    }
}
