package dev.pillion.cpu;

import static dev.pillion.cpu.VectorWidth.LANES;
import static dev.pillion.cpu.VectorWidth.load;
import static dev.pillion.cpu.VectorWidth.zero;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Rows of Q6_K blocks, as they lie in the file: 128 bytes of low nibbles, 64 bytes of high pairs of bits, 16 signed
 * scales, a half as scale of these; values centred at 32. Each half of the block takes 64 low and 32 high bytes, a pair
 * of bits further for each quarter of it.
 */
final class PackedQ6K {
    /** Rows multiplied at once; with more, the method exceeds what the compiler is willing to inline into it. */
    static final int ROWS = 1;

    private static final int BLOCK = 256;
    private static final int BLOCK_BYTES = 210;
    private static final int SUB = 16;

    private PackedQ6K() {}

    static void widen(MemorySegment w, long row, float[] out, int outOffset, int columns) {
        long block = row;
        for (int k = 0; k < columns; k += BLOCK, block += BLOCK_BYTES) {
            float d = VectorWidth.half(w, block + 208);
            for (int sub = 0; sub < BLOCK / SUB; sub++) {
                float scale = d * w.get(ValueLayout.JAVA_BYTE, block + 192 + sub);
                int quarter = sub >>> 1 & 3;
                long low = block + 64 * (sub >>> 3) + 32 * (quarter & 1) + SUB * (sub & 1);
                long high = block + 128 + 32 * (sub >>> 3) + SUB * (sub & 1);
                for (int i = 0; i < SUB; i += LANES) {
                    values(w, low + i, high + i, quarter, scale).intoArray(out, outOffset + k + SUB * sub + i);
                }
            }
        }
    }

    /** Accumulator of the product of one row with one token. */
    static void multiply(MemorySegment w, long row, int columns, float[] x, int xOffset, float[] lanes) {
        long block = row;
        FloatVector s = zero();
        for (int k = 0; k < columns; k += BLOCK, block += BLOCK_BYTES) {
            float d = VectorWidth.half(w, block + 208);
            for (int sub = 0; sub < BLOCK / SUB; sub++) {
                float scale = d * w.get(ValueLayout.JAVA_BYTE, block + 192 + sub);
                int quarter = sub >>> 1 & 3;
                long low = block + 64 * (sub >>> 3) + 32 * (quarter & 1) + SUB * (sub & 1);
                long high = block + 128 + 32 * (sub >>> 3) + SUB * (sub & 1);
                for (int i = 0; i < SUB; i += LANES) {
                    FloatVector v = load(x, xOffset + k + SUB * sub + i);
                    s = values(w, low + i, high + i, quarter, scale).fma(v, s);
                }
            }
        }
        s.intoArray(lanes, 0);
    }

    private static FloatVector values(MemorySegment w, long low, long high, int quarter, float scale) {
        IntVector nibble = VectorWidth.bytes(w, low).lanewise(VectorOperators.LSHR, 4 * (quarter >>> 1)).and(0xF);
        IntVector pair = VectorWidth.bytes(w, high).lanewise(VectorOperators.LSHR, 2 * quarter).and(3);
        IntVector q = nibble.or(pair.lanewise(VectorOperators.LSHL, 4)).sub(32);
        return VectorWidth.toFloats(q).mul(scale);
    }
}
