package dev.pillion.cpu;

/**
 * The six-bit scales of Q4_K and Q5_K, four at a time, one per byte. The first four are the low six bits of four bytes; the
 * others have their low nibbles in four bytes and their top two bits in the top two of the first four.
 */
final class SixBits {
    private SixBits() {}

    static int firstFour(int first) {
        return first & 0x3F3F_3F3F;
    }

    static int lastFour(int nibbles, int first) {
        return nibbles & 0x0F0F_0F0F | first >>> 2 & 0x3030_3030;
    }
}
