package dev.pillion.conformance.kernels;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** An element type of activations: how kernels' names end, and how its numbers are stored. */
enum Element {
    F32(4),
    F16(2),
    BF16(2);

    final int bytes;

    Element(int bytes) {
        this.bytes = bytes;
    }

    /** The type's name in modules and entries. */
    String suffix() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }

    /** The nearest number of this type, ties to even. */
    float round(float value) {
        return switch (this) {
            case F32 -> value;
            case F16 -> Float.float16ToFloat(Float.floatToFloat16(value));
            case BF16 -> Float.intBitsToFloat(bf16(value) << 16);
        };
    }

    private static int bf16(float value) {
        int bits = Float.floatToRawIntBits(value);
        if (Float.isNaN(value)) {
            return bits >>> 16 | 0x40;
        }
        return (bits + 0x7FFF + (bits >>> 16 & 1)) >>> 16;
    }

    /** Rounds in place. */
    float[] round(float[] values) {
        for (int i = 0; i < values.length; i++) {
            values[i] = round(values[i]);
        }
        return values;
    }

    /** The numbers as they are stored. */
    MemorySegment encode(float[] values) {
        MemorySegment stored = Arena.ofAuto().allocate(Math.max(1, (long) values.length * bytes), 16);
        for (int i = 0; i < values.length; i++) {
            switch (this) {
                case F32 -> stored.setAtIndex(ValueLayout.JAVA_FLOAT, i, values[i]);
                case F16 -> stored.setAtIndex(ValueLayout.JAVA_SHORT, i, Float.floatToFloat16(values[i]));
                case BF16 -> stored.setAtIndex(ValueLayout.JAVA_SHORT, i, (short) bf16(values[i]));
            }
        }
        return stored;
    }

    /** The numbers that are stored. */
    float[] decode(MemorySegment stored) {
        float[] values = new float[(int) (stored.byteSize() / bytes)];
        for (int i = 0; i < values.length; i++) {
            values[i] = switch (this) {
                case F32 -> stored.getAtIndex(ValueLayout.JAVA_FLOAT, i);
                case F16 -> Float.float16ToFloat(stored.getAtIndex(ValueLayout.JAVA_SHORT, i));
                case BF16 -> Float.intBitsToFloat(stored.getAtIndex(ValueLayout.JAVA_SHORT, i) << 16);
            };
        }
        return values;
    }
}
