package dev.pillion.cpu;

import static dev.pillion.cpu.VectorWidth.LANES;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Rows of Q4_K blocks, as they lie in the file: halves for scale and minimum, 12 bytes of six-bit scales and minima of eight
 * sub-blocks, 128 bytes of nibbles.
 */
final class PackedQ4K {
    private static final int BLOCK = 256;
    private static final int BLOCK_BYTES = 144;
    private static final int SUB = 32;

    private PackedQ4K() {}

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
        for (int sub = 0; sub < 8; sub += 2) {
            long bytes = block + 16 + SUB / 2 * sub;
            float lowScale = d * (scales >>> 8 * sub & 0xFF);
            float lowMinimum = dMin * (minima >>> 8 * sub & 0xFF);
            float highScale = d * (scales >>> 8 * sub + 8 & 0xFF);
            float highMinimum = dMin * (minima >>> 8 * sub + 8 & 0xFF);
            for (int i = 0; i < SUB; i += LANES) {
                IntVector q = VectorWidth.bytes(w, bytes + i);
                values(q, lowScale, lowMinimum).intoArray(out, outOffset + SUB * sub + i);
                values(q.lanewise(VectorOperators.LSHR, 4), highScale, highMinimum)
                        .intoArray(out, outOffset + SUB * (sub + 1) + i);
            }
        }
    }

    private static FloatVector values(IntVector q, float scale, float minimum) {
        return VectorWidth.toFloats(q.lanewise(VectorOperators.AND, 0xF)).mul(scale).sub(minimum);
    }
}
