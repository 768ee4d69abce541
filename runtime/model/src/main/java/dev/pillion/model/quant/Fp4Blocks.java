package dev.pillion.model.quant;

import static dev.pillion.model.quant.StoredBytes.unsigned;

import java.lang.foreign.MemorySegment;

/**
 * Four-bit floats (one sign, two exponent, one mantissa bit) with a small float as scale: MXFP4 of the OCP Microscaling
 * specification and NVIDIA's NVFP4. The levels are kept doubled so that they are integers; the scales are halved for
 * it.
 */
final class Fp4Blocks {
    private static final byte[] DOUBLED_LEVELS = {0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12};

    private Fp4Blocks() {}

    /** Blocks of 32: {@code byte exponent; byte q[16]}, element {@code i + 16} in the high nibble of byte {@code i}. */
    static void decodeMxfp4(MemorySegment data, long byteOffset, float[] out, int outOffset, int elements) {
        long block = byteOffset;
        for (int start = outOffset; start < outOffset + elements; start += 32, block += 17) {
            nibbles(data, block + 1, 16, halvedPowerOfTwo(unsigned(data, block)), out, start);
        }
    }

    /** Blocks of 64: {@code byte scales[4]; byte q[32]}, four sub-blocks of 16 elements in 8 bytes each. */
    static void decodeNvfp4(MemorySegment data, long byteOffset, float[] out, int outOffset, int elements) {
        long block = byteOffset;
        for (int start = outOffset; start < outOffset + elements; start += 64, block += 36) {
            for (int sub = 0; sub < 4; sub++) {
                float scale = halvedE4m3(unsigned(data, block + sub));
                nibbles(data, block + 4 + 8 * sub, 8, scale, out, start + 16 * sub);
            }
        }
    }

    private static void nibbles(MemorySegment data, long bytes, int count, float scale, float[] out, int start) {
        for (int i = 0; i < count; i++) {
            int q = unsigned(data, bytes + i);
            out[start + i] = scale * DOUBLED_LEVELS[q & 0xF];
            out[start + count + i] = scale * DOUBLED_LEVELS[q >>> 4];
        }
    }

    /** {@code 2^(exponent - 128)}; the two smallest are subnormal floats. */
    private static float halvedPowerOfTwo(int exponent) {
        return Float.intBitsToFloat(exponent < 2 ? 0x0020_0000 << exponent : (exponent - 1) << 23);
    }

    /**
     * Half of an unsigned float with four exponent and three mantissa bits. The top bit is ignored; the NaN pattern
     * 0x7F counts as zero, but with the top bit set it is the number it would be without NaNs. That is what ggml
     * computes.
     */
    private static float halvedE4m3(int bits) {
        if (bits == 0x7F) {
            return 0;
        }
        int exponent = bits >>> 3 & 0xF;
        int mantissa = bits & 7;
        return exponent == 0 ? mantissa * 0x1p-10f : (8 + mantissa) * Float.intBitsToFloat(exponent - 11 + 127 << 23);
    }
}
