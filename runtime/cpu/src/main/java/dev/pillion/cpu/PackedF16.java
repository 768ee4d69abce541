package dev.pillion.cpu;

import static dev.pillion.cpu.VectorWidth.LANES;
import static dev.pillion.cpu.VectorWidth.load;
import static dev.pillion.cpu.VectorWidth.zero;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/** Rows of F16, as they lie in the file. Columns are whole vectors; the caller takes care of others. */
final class PackedF16 {
    /** Rows multiplied at once; with more, the method exceeds what the compiler is willing to inline into it. */
    static final int ROWS = 2;

    private PackedF16() {}

    static void widen(MemorySegment w, long row, float[] out, int outOffset, int columns) {
        for (int k = 0; k < columns; k += LANES) {
            VectorWidth.halves(w, row + 2L * k).intoArray(out, outOffset + k);
        }
    }

    /** Accumulators of the products of {@link #ROWS} rows with one token. */
    static void multiply(MemorySegment w, long row, long rowBytes, int columns, float[] x, int xOffset, float[] lanes) {
        long row1 = row + rowBytes;
        FloatVector s0 = zero();
        FloatVector s1 = zero();
        for (int k = 0; k < columns; k += LANES) {
            FloatVector v = load(x, xOffset + k);
            s0 = VectorWidth.halves(w, row + 2L * k).fma(v, s0);
            s1 = VectorWidth.halves(w, row1 + 2L * k).fma(v, s1);
        }
        s0.intoArray(lanes, 0);
        s1.intoArray(lanes, LANES);
    }
}
