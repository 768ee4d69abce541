package dev.pillion.model.quant;

import static dev.pillion.model.quant.StoredBytes.putByte;
import static dev.pillion.model.quant.StoredBytes.putHalf;

import java.lang.foreign.MemorySegment;

/**
 * Encoders of {@link RoundBlocks}. Quantisation uses the scale in single precision; only then is it rounded to a half.
 * The {@code _0} types map the value of largest magnitude to the most negative level, which has no positive
 * counterpart; the {@code _1} types map the smallest and largest value to the ends. Positions are computed in double
 * precision, since a fused multiply-add and a separate one would otherwise round some of them differently.
 */
final class RoundEncoders {
    private static final int LENGTH = 32;
    private static final int HALF = 16;

    private RoundEncoders() {}

    static void encodeQ40(float[] values, int offset, MemorySegment out, long byteOffset, int elements) {
        long block = byteOffset;
        for (int v = offset; v < offset + elements; v += LENGTH, block += 18) {
            float scale = extreme(values, v) / -8;
            putHalf(out, block, scale);
            float inverse = inverse(scale);
            for (int i = 0; i < HALF; i++) {
                int low = level(values[v + i], 0, inverse, 8.5, 15);
                int high = level(values[v + HALF + i], 0, inverse, 8.5, 15);
                putByte(out, block + 2 + i, low | high << 4);
            }
        }
    }

    static void encodeQ41(float[] values, int offset, MemorySegment out, long byteOffset, int elements) {
        long block = byteOffset;
        for (int v = offset; v < offset + elements; v += LENGTH, block += 20) {
            float minimum = minimum(values, v);
            float scale = (maximum(values, v) - minimum) / 15;
            putHalf(out, block, scale);
            putHalf(out, block + 2, minimum);
            float inverse = inverse(scale);
            for (int i = 0; i < HALF; i++) {
                int low = level(values[v + i], minimum, inverse, 0.5, 15);
                int high = level(values[v + HALF + i], minimum, inverse, 0.5, 15);
                putByte(out, block + 4 + i, low | high << 4);
            }
        }
    }

    static void encodeQ50(float[] values, int offset, MemorySegment out, long byteOffset, int elements) {
        long block = byteOffset;
        for (int v = offset; v < offset + elements; v += LENGTH, block += 22) {
            float scale = extreme(values, v) / -16;
            putHalf(out, block, scale);
            fiveBits(values, v, 0, inverse(scale), 16.5, out, block + 2);
        }
    }

    static void encodeQ51(float[] values, int offset, MemorySegment out, long byteOffset, int elements) {
        long block = byteOffset;
        for (int v = offset; v < offset + elements; v += LENGTH, block += 24) {
            float minimum = minimum(values, v);
            float scale = (maximum(values, v) - minimum) / 31;
            putHalf(out, block, scale);
            putHalf(out, block + 2, minimum);
            fiveBits(values, v, minimum, inverse(scale), 0.5, out, block + 4);
        }
    }

    static void encodeQ80(float[] values, int offset, MemorySegment out, long byteOffset, int elements) {
        long block = byteOffset;
        for (int v = offset; v < offset + elements; v += LENGTH, block += 34) {
            float scale = Math.abs(extreme(values, v)) / 127;
            putHalf(out, block, scale);
            float inverse = inverse(scale);
            for (int i = 0; i < LENGTH; i++) {
                putByte(out, block + 2 + i, roundHalfAway(values[v + i] * inverse));
            }
        }
    }

    private static void fiveBits(
            float[] values, int v, float minimum, float inverse, double shift, MemorySegment out, long bytes) {
        int fifthBits = 0;
        for (int i = 0; i < HALF; i++) {
            int low = level(values[v + i], minimum, inverse, shift, 31);
            int high = level(values[v + HALF + i], minimum, inverse, shift, 31);
            fifthBits |= low >>> 4 << i | high >>> 4 << HALF + i;
            putByte(out, bytes + 4 + i, low & 0xF | (high & 0xF) << 4);
        }
        out.set(StoredBytes.INT, bytes, fifthBits);
    }

    private static int level(float value, float minimum, float inverse, double shift, int last) {
        return Math.clamp((int) (((double) value - minimum) * inverse + shift), 0, last);
    }

    /** The value of largest magnitude, the first of several. */
    private static float extreme(float[] values, int start) {
        float extreme = values[start];
        for (int i = 1; i < LENGTH; i++) {
            if (Math.abs(values[start + i]) > Math.abs(extreme)) {
                extreme = values[start + i];
            }
        }
        return extreme;
    }

    private static float minimum(float[] values, int start) {
        float minimum = values[start];
        for (int i = 1; i < LENGTH; i++) {
            minimum = Math.min(minimum, values[start + i]);
        }
        return minimum;
    }

    private static float maximum(float[] values, int start) {
        float maximum = values[start];
        for (int i = 1; i < LENGTH; i++) {
            maximum = Math.max(maximum, values[start + i]);
        }
        return maximum;
    }

    private static float inverse(float scale) {
        return scale == 0 ? 0 : 1 / scale;
    }

    private static int roundHalfAway(float value) {
        float magnitude = Math.abs(value);
        int floor = (int) magnitude;
        int rounded = magnitude - floor >= 0.5f ? floor + 1 : floor;
        return value < 0 ? -rounded : rounded;
    }
}
