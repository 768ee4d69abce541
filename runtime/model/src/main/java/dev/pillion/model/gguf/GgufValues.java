package dev.pillion.model.gguf;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * Reads metadata values. A value is a 32-bit type and its content; an array's content is an element type, a 64-bit
 * count and the contents of the elements, which may be arrays again.
 */
final class GgufValues {
    static final int UINT8 = 0;
    static final int INT8 = 1;
    static final int UINT16 = 2;
    static final int INT16 = 3;
    static final int UINT32 = 4;
    static final int INT32 = 5;
    static final int FLOAT32 = 6;
    static final int BOOL = 7;
    static final int STRING = 8;
    static final int ARRAY = 9;
    static final int UINT64 = 10;
    static final int INT64 = 11;
    static final int FLOAT64 = 12;

    /** Known files nest once at most; the bound keeps the recursion harmless. */
    static final int MAX_DEPTH = 8;

    private static final int MINIMUM_STRING_BYTES = Long.BYTES;
    private static final int MINIMUM_ARRAY_BYTES = Integer.BYTES + Long.BYTES;

    private final GgufCursor cursor;

    GgufValues(GgufCursor cursor) {
        this.cursor = cursor;
    }

    /** Reads a type and a value of that type; {@link dev.pillion.model.Metadata} lists the Java types. */
    Object read() {
        long at = cursor.position();
        int type = cursor.readInt("value type");
        return switch (type) {
            case UINT8 -> Long.valueOf(cursor.readByte("uint8") & 0xFF);
            case INT8 -> Long.valueOf(cursor.readByte("int8"));
            case UINT16 -> Long.valueOf(cursor.readShort("uint16") & 0xFFFF);
            case INT16 -> Long.valueOf(cursor.readShort("int16"));
            case UINT32 -> Long.valueOf(Integer.toUnsignedLong(cursor.readInt("uint32")));
            case INT32 -> Long.valueOf(cursor.readInt("int32"));
            case UINT64, INT64 -> Long.valueOf(cursor.readLong("64-bit integer"));
            case FLOAT32 -> Float.valueOf(cursor.readFloat("float32"));
            case FLOAT64 -> Double.valueOf(cursor.readDouble("float64"));
            case BOOL -> Boolean.valueOf(bool(cursor.claim(1, "boolean")));
            case STRING -> cursor.readString("string");
            case ARRAY -> array(1);
            default -> throw unknownType(at, type);
        };
    }

    private Object array(int depth) {
        long at = cursor.position();
        if (depth > MAX_DEPTH) {
            throw cursor.fault(at, "arrays are nested deeper than " + MAX_DEPTH);
        }
        int type = cursor.readInt("element type");
        return switch (type) {
            case UINT8, INT8, BOOL, UINT16, INT16, UINT32, INT32, FLOAT32, UINT64, INT64, FLOAT64 -> numbers(type);
            case STRING -> list(MINIMUM_STRING_BYTES, () -> cursor.readString("string"));
            case ARRAY -> list(MINIMUM_ARRAY_BYTES, () -> array(depth + 1));
            default -> throw unknownType(at, type);
        };
    }

    private Object numbers(int type) {
        int width = width(type);
        int count = cursor.readCount("array length", width);
        long start = cursor.claim((long) count * width, "array");
        return switch (type) {
            case FLOAT32 -> floats(start, count);
            case FLOAT64 -> doubles(start, count);
            case BOOL -> bools(start, count);
            default -> integers(type, start, count);
        };
    }

    private static int width(int type) {
        return switch (type) {
            case UINT8, INT8, BOOL -> 1;
            case UINT16, INT16 -> 2;
            case UINT32, INT32, FLOAT32 -> 4;
            default -> 8;
        };
    }

    private long[] integers(int type, long start, int count) {
        MemorySegment bytes = cursor.bytes();
        long[] values = new long[count];
        for (int i = 0; i < count; i++) {
            values[i] = switch (type) {
                case UINT8 -> bytes.get(ValueLayout.JAVA_BYTE, start + i) & 0xFF;
                case INT8 -> bytes.get(ValueLayout.JAVA_BYTE, start + i);
                case UINT16 -> bytes.get(GgufCursor.SHORT, start + 2L * i) & 0xFFFF;
                case INT16 -> bytes.get(GgufCursor.SHORT, start + 2L * i);
                case UINT32 -> Integer.toUnsignedLong(bytes.get(GgufCursor.INT, start + 4L * i));
                case INT32 -> bytes.get(GgufCursor.INT, start + 4L * i);
                default -> bytes.get(GgufCursor.LONG, start + 8L * i);
            };
        }
        return values;
    }

    private float[] floats(long start, int count) {
        float[] values = new float[count];
        MemorySegment.copy(cursor.bytes(), GgufCursor.FLOAT, start, values, 0, count);
        return values;
    }

    private double[] doubles(long start, int count) {
        double[] values = new double[count];
        MemorySegment.copy(cursor.bytes(), GgufCursor.DOUBLE, start, values, 0, count);
        return values;
    }

    private boolean[] bools(long start, int count) {
        boolean[] values = new boolean[count];
        for (int i = 0; i < count; i++) {
            values[i] = bool(start + i);
        }
        return values;
    }

    private boolean bool(long at) {
        byte value = cursor.bytes().get(ValueLayout.JAVA_BYTE, at);
        if (value != 0 && value != 1) {
            throw cursor.fault(at, "a boolean is 0 or 1, not " + (value & 0xFF));
        }
        return value == 1;
    }

    private List<Object> list(int minimumBytes, Element element) {
        int count = cursor.readCount("array length", minimumBytes);
        if (count == 0) {
            return List.of();
        }
        Object[] values = new Object[count];
        for (int i = 0; i < count; i++) {
            values[i] = element.read();
        }
        return Collections.unmodifiableList(Arrays.asList(values));
    }

    private RuntimeException unknownType(long at, int type) {
        return cursor.fault(
                at, "value type " + Integer.toUnsignedString(type) + " is unknown; known are 0 to " + FLOAT64);
    }

    private interface Element {
        Object read();
    }
}
