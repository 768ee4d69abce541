package dev.pillion.cpu;

import static dev.pillion.cpu.VectorWidth.LANES;
import static dev.pillion.cpu.VectorWidth.load;
import static dev.pillion.cpu.VectorWidth.zero;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/** Rows of BF16, as they lie in the file. Columns are whole vectors; the caller takes care of others. */
final class PackedBf16 {
    /** Rows multiplied at once: enough that additions to one sum need not wait for each other. */
    static final int ROWS = 4;

    private PackedBf16() {}

    static void widen(MemorySegment w, long row, float[] out, int outOffset, int columns) {
        for (int k = 0; k < columns; k += LANES) {
            VectorWidth.brainFloats(w, row + 2L * k).intoArray(out, outOffset + k);
        }
    }

    /** Accumulators of the products of {@link #ROWS} rows with one token. */
    static void multiply(MemorySegment w, long row, long rowBytes, int columns, float[] x, int xOffset, float[] lanes) {
        long row1 = row + rowBytes;
        long row2 = row1 + rowBytes;
        long row3 = row2 + rowBytes;
        FloatVector s0 = zero();
        FloatVector s1 = zero();
        FloatVector s2 = zero();
        FloatVector s3 = zero();
        for (int k = 0; k < columns; k += LANES) {
            FloatVector v = load(x, xOffset + k);
            s0 = VectorWidth.brainFloats(w, row + 2L * k).fma(v, s0);
            s1 = VectorWidth.brainFloats(w, row1 + 2L * k).fma(v, s1);
            s2 = VectorWidth.brainFloats(w, row2 + 2L * k).fma(v, s2);
            s3 = VectorWidth.brainFloats(w, row3 + 2L * k).fma(v, s3);
        }
        s0.intoArray(lanes, 0);
        s1.intoArray(lanes, LANES);
        s2.intoArray(lanes, 2 * LANES);
        s3.intoArray(lanes, 3 * LANES);
    }
}
