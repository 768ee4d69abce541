package dev.pillion.model.quant;

import static dev.pillion.model.quant.StoredBytes.half;
import static dev.pillion.model.quant.StoredBytes.signed;
import static dev.pillion.model.quant.StoredBytes.unsigned;

import java.lang.foreign.MemorySegment;

/**
 * The k-quants: blocks of 256 elements whose sub-blocks (of 16 or 32) have small integer scales, which in turn share
 * one half-precision scale. Q2, Q4 and Q5 also have a minimum per sub-block: {@code scale * q - minimum}.
 */
final class KBlocks {
    private static final int LENGTH = 256;

    private KBlocks() {}

    /** {@code byte scales[16] (scale low, minimum high nibble); byte q[64]; half scale; half minimum}. */
    static void decodeQ2(MemorySegment data, long byteOffset, float[] out, int outOffset, int elements) {
        long block = byteOffset;
        for (int start = outOffset; start < outOffset + elements; start += LENGTH, block += 84) {
            float d = half(data, block + 80);
            float dMin = half(data, block + 82);
            for (int sub = 0; sub < 16; sub++) {
                int packed = unsigned(data, block + sub);
                float scale = d * (packed & 0xF);
                float minimum = dMin * (packed >>> 4);
                long bytes = block + 16 + twoBitByte(sub);
                for (int i = 0; i < 16; i++) {
                    int q = (unsigned(data, bytes + i) >>> twoBitShift(sub)) & 3;
                    out[start + 16 * sub + i] = scale * q - minimum;
                }
            }
        }
    }

    /**
     * {@code byte highBits[32]; byte q[64]; byte scales[12]; half scale}. A cleared high bit subtracts four; the 6-bit
     * scales are centred at 32, their low nibbles in bytes 0 to 7, their high pairs of bits in bytes 8 to 11.
     */
    static void decodeQ3(MemorySegment data, long byteOffset, float[] out, int outOffset, int elements) {
        long block = byteOffset;
        for (int start = outOffset; start < outOffset + elements; start += LENGTH, block += 110) {
            float d = half(data, block + 108);
            for (int sub = 0; sub < 16; sub++) {
                int low = unsigned(data, block + 96 + (sub & 7)) >>> (sub < 8 ? 0 : 4) & 0xF;
                int high = unsigned(data, block + 104 + (sub & 3)) >>> 2 * (sub >>> 2) & 3;
                float scale = d * ((low | high << 4) - 32);
                for (int i = 0; i < 16; i++) {
                    int q = (unsigned(data, block + 32 + twoBitByte(sub) + i) >>> twoBitShift(sub)) & 3;
                    int highBit = unsigned(data, block + 16 * (sub & 1) + i) >>> (sub >>> 1) & 1;
                    out[start + 16 * sub + i] = scale * (q - 4 * (1 - highBit));
                }
            }
        }
    }

    /** {@code half scale; half minimum; byte scales[12]; byte q[128]}. */
    static void decodeQ4(MemorySegment data, long byteOffset, float[] out, int outOffset, int elements) {
        long block = byteOffset;
        for (int start = outOffset; start < outOffset + elements; start += LENGTH, block += 144) {
            float d = half(data, block);
            float dMin = half(data, block + 2);
            for (int sub = 0; sub < 8; sub++) {
                float scale = d * sixBitScale(data, block + 4, sub);
                float minimum = dMin * sixBitMinimum(data, block + 4, sub);
                long bytes = block + 16 + 32 * (sub >>> 1);
                for (int i = 0; i < 32; i++) {
                    int q = unsigned(data, bytes + i) >>> 4 * (sub & 1) & 0xF;
                    out[start + 32 * sub + i] = scale * q - minimum;
                }
            }
        }
    }

    /** {@code half scale; half minimum; byte scales[12]; byte fifthBits[32]; byte q[128]}. */
    static void decodeQ5(MemorySegment data, long byteOffset, float[] out, int outOffset, int elements) {
        long block = byteOffset;
        for (int start = outOffset; start < outOffset + elements; start += LENGTH, block += 176) {
            float d = half(data, block);
            float dMin = half(data, block + 2);
            for (int sub = 0; sub < 8; sub++) {
                float scale = d * sixBitScale(data, block + 4, sub);
                float minimum = dMin * sixBitMinimum(data, block + 4, sub);
                long bytes = block + 48 + 32 * (sub >>> 1);
                for (int i = 0; i < 32; i++) {
                    int low = unsigned(data, bytes + i) >>> 4 * (sub & 1) & 0xF;
                    int fifth = unsigned(data, block + 16 + i) >>> sub & 1;
                    out[start + 32 * sub + i] = scale * (low | fifth << 4) - minimum;
                }
            }
        }
    }

    /**
     * {@code byte lowNibbles[128]; byte highPairs[64]; signed byte scales[16]; half scale}; values centred at 32. Each
     * half of the block (128 elements) uses 64 low and 32 high bytes.
     */
    static void decodeQ6(MemorySegment data, long byteOffset, float[] out, int outOffset, int elements) {
        long block = byteOffset;
        for (int start = outOffset; start < outOffset + elements; start += LENGTH, block += 210) {
            float d = half(data, block + 208);
            for (int sub = 0; sub < 16; sub++) {
                float scale = d * signed(data, block + 192 + sub);
                int quarter = sub >>> 1 & 3;
                long lowBytes = block + 64 * (sub >>> 3) + 32 * (quarter & 1) + 16 * (sub & 1);
                long highBytes = block + 128 + 32 * (sub >>> 3) + 16 * (sub & 1);
                for (int i = 0; i < 16; i++) {
                    int low = unsigned(data, lowBytes + i) >>> 4 * (quarter >>> 1) & 0xF;
                    int high = unsigned(data, highBytes + i) >>> 2 * quarter & 3;
                    out[start + 16 * sub + i] = scale * ((low | high << 4) - 32);
                }
            }
        }
    }

    /** Two-bit values: each half of the block uses 32 bytes four times, a bit pair further each time. */
    private static int twoBitByte(int sub) {
        return 32 * (sub >>> 3) + 16 * (sub & 1);
    }

    private static int twoBitShift(int sub) {
        return 2 * (sub >>> 1 & 3);
    }

    /**
     * Six-bit scale of sub-block {@code sub}: the first four are the low six bits of bytes 0 to 3; the others have
     * their low nibble in the low nibble of bytes 8 to 11 and their top two bits in the top two of bytes 0 to 3.
     */
    static int sixBitScale(MemorySegment data, long scales, int sub) {
        return sub < 4
                ? unsigned(data, scales + sub) & 0x3F
                : unsigned(data, scales + 4 + sub) & 0xF | unsigned(data, scales + sub - 4) >>> 6 << 4;
    }

    /**
     * Six-bit minimum of sub-block {@code sub}: as the scales, with bytes 4 to 7 and the high nibbles of bytes 8 to 11.
     */
    static int sixBitMinimum(MemorySegment data, long scales, int sub) {
        return sub < 4
                ? unsigned(data, scales + 4 + sub) & 0x3F
                : unsigned(data, scales + 4 + sub) >>> 4 | unsigned(data, scales + sub) >>> 6 << 4;
    }
}
