package dev.pillion.model.quant;

import static dev.pillion.model.quant.StoredBytes.half;
import static dev.pillion.model.quant.StoredBytes.unsigned;

import java.lang.foreign.MemorySegment;

/** Blocks of 256 elements that are -1, 0 or +1 times one scale. */
final class TernaryBlocks {
    private static final int[] POWERS_OF_THREE = {1, 3, 9, 27, 81};

    private TernaryBlocks() {}

    /**
     * {@code byte q[48]; byte rest[4]; half scale}. A byte is a base-three fraction of five digits, most significant
     * first: multiplying it by a power of three modulo 256 moves the wanted digit to the front. Bytes 0 to 31 give the
     * digits of elements 0 to 159, bytes 32 to 47 those of 160 to 239, the four of {@code rest} (four digits each) the
     * last 16.
     */
    static void decodeTq1(MemorySegment data, long byteOffset, float[] out, int outOffset, int elements) {
        long block = byteOffset;
        for (int start = outOffset; start < outOffset + elements; start += 256, block += 54) {
            float scale = half(data, block + 52);
            digits(data, block, 32, 5, scale, out, start);
            digits(data, block + 32, 16, 5, scale, out, start + 160);
            digits(data, block + 48, 4, 4, scale, out, start + 240);
        }
    }

    /** {@code byte q[64]; half scale}: two bits per element; each half of the block uses 32 bytes four times. */
    static void decodeTq2(MemorySegment data, long byteOffset, float[] out, int outOffset, int elements) {
        long block = byteOffset;
        for (int start = outOffset; start < outOffset + elements; start += 256, block += 66) {
            float scale = half(data, block + 64);
            for (int i = 0; i < 256; i++) {
                int q = unsigned(data, block + 32 * (i >>> 7) + (i & 31)) >>> 2 * (i >>> 5 & 3) & 3;
                out[start + i] = scale * (q - 1);
            }
        }
    }

    private static void digits(
            MemorySegment data, long bytes, int count, int digits, float scale, float[] out, int start) {
        for (int digit = 0; digit < digits; digit++) {
            for (int i = 0; i < count; i++) {
                int shifted = unsigned(data, bytes + i) * POWERS_OF_THREE[digit] & 0xFF;
                out[start + digit * count + i] = scale * ((shifted * 3 >>> 8) - 1);
            }
        }
    }
}
