package dev.pillion.cpu;

import static dev.pillion.cpu.VectorWidth.LANES;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Rows of Q6_K blocks, as they lie in the file: 128 bytes of low nibbles, 64 bytes of high pairs of bits, 16 signed scales, a
 * half as scale of these. Each half of the block takes 64 low and 32 high bytes; a pair of bits further for each quarter of it.
 */
final class PackedQ6K {
    private static final int BLOCK = 256;
    private static final int BLOCK_BYTES = 210;
    private static final int SUB = 16;

    private PackedQ6K() {}

    static void widen(MemorySegment w, long row, float[] out, int outOffset, int columns) {
        long block = row;
        for (int k = 0; k < columns; k += BLOCK, block += BLOCK_BYTES) {
            widenHalf(w, block, block + 128, block + 192, VectorWidth.half(w, block + 208), out, outOffset + k);
            widenHalf(w, block + 64, block + 160, block + 200, VectorWidth.half(w, block + 208), out, outOffset + k + 128);
        }
    }

    private static void widenHalf(
            MemorySegment w, long lowBytes, long highBytes, long scales, float d, float[] out, int outOffset) {
        for (int sub = 0; sub < 2; sub++) {
            int o = outOffset + SUB * sub;
            float scale0 = d * w.get(ValueLayout.JAVA_BYTE, scales + sub);
            float scale1 = d * w.get(ValueLayout.JAVA_BYTE, scales + sub + 2);
            float scale2 = d * w.get(ValueLayout.JAVA_BYTE, scales + sub + 4);
            float scale3 = d * w.get(ValueLayout.JAVA_BYTE, scales + sub + 6);
            for (int i = 0; i < SUB; i += LANES) {
                IntVector high = VectorWidth.bytes(w, highBytes + SUB * sub + i);
                IntVector low = VectorWidth.bytes(w, lowBytes + SUB * sub + i);
                IntVector next = VectorWidth.bytes(w, lowBytes + 32 + SUB * sub + i);
                store(low, high.lanewise(VectorOperators.LSHL, 4), scale0, out, o + i);
                store(next, high.lanewise(VectorOperators.LSHL, 2), scale1, out, o + 32 + i);
                store(low.lanewise(VectorOperators.LSHR, 4), high, scale2, out, o + 64 + i);
                store(next.lanewise(VectorOperators.LSHR, 4), high.lanewise(VectorOperators.LSHR, 2), scale3, out, o + 96 + i);
            }
        }
    }

    /** {@code scale * ((low nibble | bits 4 and 5 of high) - 32)}. */
    private static void store(IntVector low, IntVector high, float scale, float[] out, int offset) {
        IntVector q = low.lanewise(VectorOperators.AND, 0xF).lanewise(VectorOperators.OR, high.lanewise(VectorOperators.AND, 0x30));
        VectorWidth.toFloats(q.sub(32)).mul(scale).intoArray(out, offset);
    }
}
