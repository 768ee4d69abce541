package dev.pillion.cpu;

import static dev.pillion.cpu.VectorWidth.LANES;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Rows of Q5_K blocks, as they lie in the file: as {@link PackedQ4K}, with 32 bytes of fifth bits before the nibbles, bit
 * {@code i} of each belonging to sub-block {@code i}.
 */
final class PackedQ5K {
    private static final int BLOCK = 256;
    private static final int BLOCK_BYTES = 176;
    private static final int SUB = 32;

    private PackedQ5K() {}

    static void widen(MemorySegment w, long row, float[] out, int outOffset, int columns) {
        long block = row;
        for (int k = 0; k < columns; k += BLOCK, block += BLOCK_BYTES) {
            widenBlock(w, block, out, outOffset + k);
        }
    }

    private static void widenBlock(MemorySegment w, long block, float[] out, int outOffset) {
        float d = VectorWidth.half(w, block);
        float dMin = VectorWidth.half(w, block + 2);
        int a = VectorWidth.integer(w, block + 4);
        int b = VectorWidth.integer(w, block + 8);
        int c = VectorWidth.integer(w, block + 12);
        long scales = SixBits.firstFour(a) | (long) SixBits.lastFour(c, a) << 32;
        long minima = SixBits.firstFour(b) | (long) SixBits.lastFour(c >>> 4, b) << 32;
        for (int sub = 0; sub < 8; sub++) {
            long bytes = block + 48 + SUB * (sub >>> 1);
            float scale = d * (scales >>> 8 * sub & 0xFF);
            float minimum = dMin * (minima >>> 8 * sub & 0xFF);
            for (int i = 0; i < SUB; i += LANES) {
                IntVector low = VectorWidth.bytes(w, bytes + i).lanewise(VectorOperators.LSHR, 4 * (sub & 1));
                IntVector fifth = VectorWidth.bytes(w, block + 16 + i).lanewise(VectorOperators.LSHR, sub);
                values(low, fifth, scale, minimum).intoArray(out, outOffset + SUB * sub + i);
            }
        }
    }

    private static FloatVector values(IntVector low, IntVector fifth, float scale, float minimum) {
        IntVector q = low.lanewise(VectorOperators.AND, 0xF)
                .lanewise(VectorOperators.OR, fifth.lanewise(VectorOperators.AND, 1).lanewise(VectorOperators.LSHL, 4));
        return VectorWidth.toFloats(q).mul(scale).sub(minimum);
    }
}
