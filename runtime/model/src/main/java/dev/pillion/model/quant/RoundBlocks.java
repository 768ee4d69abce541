package dev.pillion.model.quant;

import static dev.pillion.model.quant.StoredBytes.half;
import static dev.pillion.model.quant.StoredBytes.integer;
import static dev.pillion.model.quant.StoredBytes.signed;
import static dev.pillion.model.quant.StoredBytes.unsigned;

import java.lang.foreign.MemorySegment;

/**
 * Round-to-nearest blocks of 32 elements. The {@code _0} types are {@code scale * (q - centre)}, the {@code _1} types
 * {@code scale * q + minimum}; scale and minimum are halves at the head of the block.
 *
 * <p>Four bits: byte {@code i} holds element {@code i} in its low and element {@code i + 16} in its high nibble. Five
 * bits: the fifth bits of all elements are one 32-bit integer, bit {@code i} for element {@code i}.
 */
final class RoundBlocks {
    private static final int LENGTH = 32;
    private static final int HALF = 16;

    private RoundBlocks() {}

    /** {@code half scale; byte q[16]}. */
    static void decodeQ40(MemorySegment data, long byteOffset, float[] out, int outOffset, int elements) {
        long block = byteOffset;
        for (int o = outOffset; o < outOffset + elements; o += LENGTH, block += 18) {
            float scale = half(data, block);
            for (int i = 0; i < HALF; i++) {
                int q = unsigned(data, block + 2 + i);
                out[o + i] = scale * ((q & 0xF) - 8);
                out[o + HALF + i] = scale * ((q >>> 4) - 8);
            }
        }
    }

    /** {@code half scale; half minimum; byte q[16]}. */
    static void decodeQ41(MemorySegment data, long byteOffset, float[] out, int outOffset, int elements) {
        long block = byteOffset;
        for (int o = outOffset; o < outOffset + elements; o += LENGTH, block += 20) {
            float scale = half(data, block);
            float minimum = half(data, block + 2);
            for (int i = 0; i < HALF; i++) {
                int q = unsigned(data, block + 4 + i);
                out[o + i] = scale * (q & 0xF) + minimum;
                out[o + HALF + i] = scale * (q >>> 4) + minimum;
            }
        }
    }

    /** {@code half scale; int fifthBits; byte q[16]}. */
    static void decodeQ50(MemorySegment data, long byteOffset, float[] out, int outOffset, int elements) {
        long block = byteOffset;
        for (int o = outOffset; o < outOffset + elements; o += LENGTH, block += 22) {
            float scale = half(data, block);
            int fifthBits = integer(data, block + 2);
            for (int i = 0; i < HALF; i++) {
                int q = unsigned(data, block + 6 + i);
                out[o + i] = scale * (((q & 0xF) | fifth(fifthBits, i)) - 16);
                out[o + HALF + i] = scale * (((q >>> 4) | fifth(fifthBits, HALF + i)) - 16);
            }
        }
    }

    /** {@code half scale; half minimum; int fifthBits; byte q[16]}. */
    static void decodeQ51(MemorySegment data, long byteOffset, float[] out, int outOffset, int elements) {
        long block = byteOffset;
        for (int o = outOffset; o < outOffset + elements; o += LENGTH, block += 24) {
            float scale = half(data, block);
            float minimum = half(data, block + 2);
            int fifthBits = integer(data, block + 4);
            for (int i = 0; i < HALF; i++) {
                int q = unsigned(data, block + 8 + i);
                out[o + i] = scale * ((q & 0xF) | fifth(fifthBits, i)) + minimum;
                out[o + HALF + i] = scale * ((q >>> 4) | fifth(fifthBits, HALF + i)) + minimum;
            }
        }
    }

    /** {@code half scale; signed byte q[32]}. */
    static void decodeQ80(MemorySegment data, long byteOffset, float[] out, int outOffset, int elements) {
        long block = byteOffset;
        for (int o = outOffset; o < outOffset + elements; o += LENGTH, block += 34) {
            float scale = half(data, block);
            for (int i = 0; i < LENGTH; i++) {
                out[o + i] = scale * signed(data, block + 2 + i);
            }
        }
    }

    private static int fifth(int fifthBits, int element) {
        return ((fifthBits >>> element) & 1) << 4;
    }
}
