package dev.pillion.kernels.virtual;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Little-endian values in byte arrays, at any offset. */
final class Bytes {
    private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private Bytes() {}

    static short getShort(byte[] data, int at) {
        return (short) SHORT.get(data, at);
    }

    static int getInt(byte[] data, int at) {
        return (int) INT.get(data, at);
    }

    static long getLong(byte[] data, int at) {
        return (long) LONG.get(data, at);
    }

    static void putShort(byte[] data, int at, int value) {
        SHORT.set(data, at, (short) value);
    }

    static void putInt(byte[] data, int at, int value) {
        INT.set(data, at, value);
    }

    static void putLong(byte[] data, int at, long value) {
        LONG.set(data, at, value);
    }

    /** Reads 1, 2, 4 or 8 bytes, zero-extended. */
    static long get(byte[] data, int at, int bytes) {
        return switch (bytes) {
            case 1 -> data[at] & 255;
            case 2 -> getShort(data, at) & 0xffff;
            case 4 -> getInt(data, at) & 0xffff_ffffL;
            default -> getLong(data, at);
        };
    }

    /** Writes 1, 2, 4 or 8 bytes. */
    static void put(byte[] data, int at, int bytes, long value) {
        switch (bytes) {
            case 1 -> data[at] = (byte) value;
            case 2 -> putShort(data, at, (int) value);
            case 4 -> putInt(data, at, (int) value);
            default -> putLong(data, at, value);
        }
    }

    /** Whether 1, 2, 4, 8 or 16 bytes of a map are all 1. */
    static boolean allSet(byte[] map, int at, int bytes) {
        return switch (bytes) {
            case 1 -> map[at] == 1;
            case 2 -> getShort(map, at) == 0x0101;
            case 4 -> getInt(map, at) == 0x01010101;
            case 8 -> getLong(map, at) == 0x0101010101010101L;
            default -> allSet(map, at, 8) && allSet(map, at + 8, bytes - 8);
        };
    }

    /** Sets 1, 2, 4, 8 or 16 bytes of a map to 1. */
    static void set(byte[] map, int at, int bytes) {
        switch (bytes) {
            case 1 -> map[at] = 1;
            case 2 -> putShort(map, at, 0x0101);
            case 4 -> putInt(map, at, 0x01010101);
            case 8 -> putLong(map, at, 0x0101010101010101L);
            default -> {
                set(map, at, 8);
                set(map, at + 8, bytes - 8);
            }
        }
    }
}
