package dev.pillion.model.quant;

import java.lang.foreign.MemorySegment;

/** F32, F16 and BF16: one number per element. */
final class PlainNumbers {
    private PlainNumbers() {}

    static void decodeF32(MemorySegment data, long byteOffset, float[] out, int outOffset, int elements) {
        MemorySegment.copy(data, StoredBytes.FLOAT, byteOffset, out, outOffset, elements);
    }

    static void decodeF16(MemorySegment data, long byteOffset, float[] out, int outOffset, int elements) {
        for (int i = 0; i < elements; i++) {
            out[outOffset + i] = StoredBytes.half(data, byteOffset + 2L * i);
        }
    }

    static void decodeBf16(MemorySegment data, long byteOffset, float[] out, int outOffset, int elements) {
        for (int i = 0; i < elements; i++) {
            out[outOffset + i] = Float.intBitsToFloat(data.get(StoredBytes.SHORT, byteOffset + 2L * i) << 16);
        }
    }

    static void encodeF32(float[] values, int offset, MemorySegment out, long byteOffset, int elements) {
        MemorySegment.copy(values, offset, out, StoredBytes.FLOAT, byteOffset, elements);
    }

    static void encodeF16(float[] values, int offset, MemorySegment out, long byteOffset, int elements) {
        for (int i = 0; i < elements; i++) {
            StoredBytes.putHalf(out, byteOffset + 2L * i, values[offset + i]);
        }
    }

    /** Rounds to nearest, ties to even; NaN stays NaN by setting the quiet bit. */
    static void encodeBf16(float[] values, int offset, MemorySegment out, long byteOffset, int elements) {
        for (int i = 0; i < elements; i++) {
            int bits = Float.floatToRawIntBits(values[offset + i]);
            int rounded = Float.isNaN(values[offset + i])
                    ? (bits >>> 16) | 0x40
                    : (bits + 0x7FFF + ((bits >>> 16) & 1)) >>> 16;
            out.set(StoredBytes.SHORT, byteOffset + 2L * i, (short) rounded);
        }
    }
}
