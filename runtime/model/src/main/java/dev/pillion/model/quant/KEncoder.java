package dev.pillion.model.quant;

import static dev.pillion.model.quant.StoredBytes.putByte;
import static dev.pillion.model.quant.StoredBytes.putHalf;

import java.lang.foreign.MemorySegment;

/**
 * A plain encoder of Q4_K: each sub-block of 32 spans from its smallest value (or zero, if all are positive) to its
 * largest, and the spans and minima are rounded to six bits of the block's largest. ggml searches for the scales of
 * least weighted error instead; for the random weights of synthetic models the difference does not matter.
 */
final class KEncoder {
    private static final int LENGTH = 256;
    private static final int SUBS = 8;
    private static final int SUB_LENGTH = 32;

    private KEncoder() {}

    static void encodeQ4(float[] values, int offset, MemorySegment out, long byteOffset, int elements) {
        float[] steps = new float[SUBS];
        float[] depths = new float[SUBS];
        long block = byteOffset;
        for (int v = offset; v < offset + elements; v += LENGTH, block += 144) {
            spans(values, v, steps, depths);
            putHalf(out, block, largest(steps) / 63);
            putHalf(out, block + 2, largest(depths) / 63);
            float d = StoredBytes.half(out, block);
            float dMin = StoredBytes.half(out, block + 2);
            int[] scales = sixBits(steps, d);
            int[] minima = sixBits(depths, dMin);
            putScales(scales, minima, out, block + 4);
            for (int pair = 0; pair < SUBS / 2; pair++) {
                for (int i = 0; i < SUB_LENGTH; i++) {
                    int at = v + 2 * SUB_LENGTH * pair + i;
                    int low = level(values[at], d * scales[2 * pair], dMin * minima[2 * pair]);
                    int high = level(values[at + SUB_LENGTH], d * scales[2 * pair + 1], dMin * minima[2 * pair + 1]);
                    putByte(out, block + 16 + SUB_LENGTH * pair + i, low | high << 4);
                }
            }
        }
    }

    /** Step between levels and depth below zero of each sub-block. */
    private static void spans(float[] values, int start, float[] steps, float[] depths) {
        for (int sub = 0; sub < SUBS; sub++) {
            float minimum = 0;
            float maximum = Float.NEGATIVE_INFINITY;
            for (int i = 0; i < SUB_LENGTH; i++) {
                float value = values[start + SUB_LENGTH * sub + i];
                minimum = Math.min(minimum, value);
                maximum = Math.max(maximum, value);
            }
            steps[sub] = Math.max(0, maximum - minimum) / 15;
            depths[sub] = -minimum;
        }
    }

    private static float largest(float[] values) {
        float largest = 0;
        for (float value : values) {
            largest = Math.max(largest, value);
        }
        return largest;
    }

    private static int[] sixBits(float[] values, float unit) {
        int[] rounded = new int[SUBS];
        for (int sub = 0; sub < SUBS; sub++) {
            rounded[sub] = unit == 0 ? 0 : Math.clamp(Math.round(values[sub] / unit), 0, 63);
        }
        return rounded;
    }

    private static int level(float value, float scale, float minimum) {
        return scale == 0 ? 0 : Math.clamp(Math.round((value + minimum) / scale), 0, 15);
    }

    /** The layout {@link KBlocks#sixBitScale} and {@link KBlocks#sixBitMinimum} read. */
    private static void putScales(int[] scales, int[] minima, MemorySegment out, long at) {
        for (int i = 0; i < 4; i++) {
            putByte(out, at + i, scales[i] | scales[i + 4] >>> 4 << 6);
            putByte(out, at + 4 + i, minima[i] | minima[i + 4] >>> 4 << 6);
            putByte(out, at + 8 + i, scales[i + 4] & 0xF | (minima[i + 4] & 0xF) << 4);
        }
    }
}
