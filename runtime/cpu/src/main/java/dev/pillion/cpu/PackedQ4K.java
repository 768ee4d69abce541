package dev.pillion.cpu;

import static dev.pillion.cpu.VectorWidth.LANES;
import static dev.pillion.cpu.VectorWidth.load;
import static dev.pillion.cpu.VectorWidth.zero;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Rows of Q4_K blocks, as they lie in the file: halves for scale and minimum, 12 bytes with the {@link SixBits}
 * scales and minima of eight sub-blocks, 128 bytes of nibbles; two sub-blocks share 32 bytes.
 */
final class PackedQ4K {
    /** Rows multiplied at once; with more, the method exceeds what the compiler is willing to inline into it. */
    static final int ROWS = 1;

    private static final int BLOCK = 256;
    private static final int BLOCK_BYTES = 144;
    private static final int SUB = 32;

    private PackedQ4K() {}

    static void widen(MemorySegment w, long row, float[] out, int outOffset, int columns) {
        long block = row;
        for (int k = 0; k < columns; k += BLOCK, block += BLOCK_BYTES) {
            float d = VectorWidth.half(w, block);
            float dMin = VectorWidth.half(w, block + 2);
            long scales = SixBits.scales(w, block + 4);
            long minima = SixBits.minima(w, block + 4);
            for (int sub = 0; sub < BLOCK / SUB; sub++) {
                float scale = d * (scales >>> 8 * sub & 0xFF);
                float minimum = dMin * (minima >>> 8 * sub & 0xFF);
                long bytes = block + 16 + SUB * (sub >>> 1);
                IntVector table = NibbleTable.of(scale, minimum);
                for (int i = 0; i < SUB; i += LANES) {
                    values(w, bytes + i, 4 * (sub & 1), table, scale, minimum)
                            .intoArray(out, outOffset + k + SUB * sub + i);
                }
            }
        }
    }

    /** Accumulator of the product of one row with one token. */
    static void multiply(MemorySegment w, long row, int columns, float[] x, int xOffset, float[] lanes) {
        long block = row;
        FloatVector s = zero();
        for (int k = 0; k < columns; k += BLOCK, block += BLOCK_BYTES) {
            float d = VectorWidth.half(w, block);
            float dMin = VectorWidth.half(w, block + 2);
            long scales = SixBits.scales(w, block + 4);
            long minima = SixBits.minima(w, block + 4);
            for (int sub = 0; sub < BLOCK / SUB; sub++) {
                float scale = d * (scales >>> 8 * sub & 0xFF);
                float minimum = dMin * (minima >>> 8 * sub & 0xFF);
                long bytes = block + 16 + SUB * (sub >>> 1);
                IntVector table = NibbleTable.of(scale, minimum);
                for (int i = 0; i < SUB; i += LANES) {
                    FloatVector v = load(x, xOffset + k + SUB * sub + i);
                    s = values(w, bytes + i, 4 * (sub & 1), table, scale, minimum).fma(v, s);
                }
            }
        }
        s.intoArray(lanes, 0);
    }

    private static FloatVector values(
            MemorySegment w, long at, int shift, IntVector table, float scale, float minimum) {
        IntVector q = VectorWidth.bytes(w, at).lanewise(VectorOperators.LSHR, shift);
        return NibbleTable.FITS ? NibbleTable.look(table, q) : NibbleTable.toFloats(q).mul(scale).sub(minimum);
    }
}
