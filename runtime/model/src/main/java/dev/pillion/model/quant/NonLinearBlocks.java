package dev.pillion.model.quant;

import static dev.pillion.model.quant.StoredBytes.half;
import static dev.pillion.model.quant.StoredBytes.unsigned;

import java.lang.foreign.MemorySegment;

/** Four-bit blocks whose 16 levels are not evenly spaced: {@code scale * LEVELS[q]}. */
final class NonLinearBlocks {
    /** The format's levels, denser around zero where most weights are. */
    private static final byte[] LEVELS = {-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113};

    private NonLinearBlocks() {}

    /** Blocks of 32: {@code half scale; byte q[16]}. */
    static void decodeIq4Nl(MemorySegment data, long byteOffset, float[] out, int outOffset, int elements) {
        long block = byteOffset;
        for (int start = outOffset; start < outOffset + elements; start += 32, block += 18) {
            decode32(data, block + 2, half(data, block), out, start);
        }
    }

    /**
     * Blocks of 256: {@code half scale; short scaleHighPairs; byte scaleLowNibbles[4]; byte q[128]}; one 6-bit scale,
     * centred at 32, per 32 elements.
     */
    static void decodeIq4Xs(MemorySegment data, long byteOffset, float[] out, int outOffset, int elements) {
        long block = byteOffset;
        for (int start = outOffset; start < outOffset + elements; start += 256, block += 136) {
            float d = half(data, block);
            int highPairs = data.get(StoredBytes.SHORT, block + 2);
            for (int sub = 0; sub < 8; sub++) {
                int low = unsigned(data, block + 4 + (sub >>> 1)) >>> 4 * (sub & 1) & 0xF;
                int high = highPairs >>> 2 * sub & 3;
                float scale = d * ((low | high << 4) - 32);
                decode32(data, block + 8 + 16 * sub, scale, out, start + 32 * sub);
            }
        }
    }

    private static void decode32(MemorySegment data, long bytes, float scale, float[] out, int start) {
        for (int i = 0; i < 16; i++) {
            int q = unsigned(data, bytes + i);
            out[start + i] = scale * LEVELS[q & 0xF];
            out[start + 16 + i] = scale * LEVELS[q >>> 4];
        }
    }
}
