package dev.pillion.cpu;

import static dev.pillion.cpu.VectorWidth.LANES;
import static dev.pillion.cpu.VectorWidth.load;
import static dev.pillion.cpu.VectorWidth.zero;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/** Rows of Q8_0 blocks, as they lie in the file: a half as scale, then 32 signed bytes. */
final class PackedQ80 {
    /** Rows multiplied at once: enough that additions to one sum need not wait for each other. */
    static final int ROWS = 4;

    private static final int BLOCK = 32;
    private static final int BLOCK_BYTES = 34;

    private PackedQ80() {}

    static void widen(MemorySegment w, long row, float[] out, int outOffset, int columns) {
        long block = row;
        for (int k = 0; k < columns; k += BLOCK, block += BLOCK_BYTES) {
            float scale = VectorWidth.half(w, block);
            for (int i = 0; i < BLOCK; i += LANES) {
                values(w, block + 2 + i, scale).intoArray(out, outOffset + k + i);
            }
        }
    }

    /** Accumulators of the products of {@link #ROWS} rows with one token. */
    static void multiply(MemorySegment w, long row, long rowBytes, int columns, float[] x, int xOffset, float[] lanes) {
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
        for (int i = 0; i < BLOCK; i += LANES) {
            s = values(w, block + 2 + i, scale).fma(load(x, xOffset + i), s);
        }
        return s;
    }

    private static FloatVector values(MemorySegment w, long at, float scale) {
        return VectorWidth.toFloats(VectorWidth.bytes(w, at)).mul(scale);
    }
}
