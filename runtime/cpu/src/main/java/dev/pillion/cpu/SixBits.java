package dev.pillion.cpu;

import java.lang.foreign.MemorySegment;

/**
 * The six-bit scales and minima of the eight sub-blocks of Q4_K and Q5_K, one per byte of a long, lowest first. Of
 * twelve bytes, the first four hold the first four scales in their low six bits, the next four the minima; the last
 * four hold the low nibbles of the other scales (below) and minima (above), whose top two bits are the top two of the
 * first eight bytes.
 */
final class SixBits {
    private SixBits() {}

    static long scales(MemorySegment w, long at) {
        int first = VectorWidth.integer(w, at);
        return eight(first, VectorWidth.integer(w, at + 8));
    }

    static long minima(MemorySegment w, long at) {
        int first = VectorWidth.integer(w, at + 4);
        return eight(first, VectorWidth.integer(w, at + 8) >>> 4);
    }

    private static long eight(int first, int nibbles) {
        int lowFour = first & 0x3F3F_3F3F;
        int highFour = nibbles & 0x0F0F_0F0F | first >>> 2 & 0x3030_3030;
        return Integer.toUnsignedLong(lowFour) | (long) highFour << 32;
    }
}
