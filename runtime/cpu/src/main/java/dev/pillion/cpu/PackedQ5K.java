package dev.pillion.cpu;

import static dev.pillion.cpu.VectorWidth.LANES;
import static dev.pillion.cpu.VectorWidth.load;
import static dev.pillion.cpu.VectorWidth.zero;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Rows of Q5_K blocks, as they lie in the file: as {@link PackedQ4K}, with 32 bytes of fifth bits before the
 * nibbles, bit {@code i} of each belonging to sub-block {@code i}.
 */
final class PackedQ5K {
    /** Rows multiplied at once; with more, the method exceeds what the compiler is willing to inline into it. */
    static final int ROWS = 1;

    private static final int BLOCK = 256;
    private static final int BLOCK_BYTES = 176;
    private static final int SUB = 32;

    private PackedQ5K() {}

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
                long bytes = block + 48 + SUB * (sub >>> 1);
                for (int i = 0; i < SUB; i += LANES) {
                    values(w, bytes + i, block + 16 + i, sub, scale, minimum)
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
                long bytes = block + 48 + SUB * (sub >>> 1);
                for (int i = 0; i < SUB; i += LANES) {
                    FloatVector v = load(x, xOffset + k + SUB * sub + i);
                    s = values(w, bytes + i, block + 16 + i, sub, scale, minimum).fma(v, s);
                }
            }
        }
        s.intoArray(lanes, 0);
    }

    private static FloatVector values(MemorySegment w, long low, long fifth, int sub, float scale, float minimum) {
        IntVector nibble = VectorWidth.bytes(w, low).lanewise(VectorOperators.LSHR, 4 * (sub & 1)).and(0xF);
        IntVector bit = VectorWidth.bytes(w, fifth).lanewise(VectorOperators.LSHR, sub).and(1);
        IntVector q = nibble.or(bit.lanewise(VectorOperators.LSHL, 4));
        return VectorWidth.toFloats(q).mul(scale).sub(minimum);
    }
}
