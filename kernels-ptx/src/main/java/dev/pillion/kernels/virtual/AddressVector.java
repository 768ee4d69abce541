package dev.pillion.kernels.virtual;

import static dev.pillion.kernels.virtual.Lanes.COUNT;

/** Addresses of the lanes of one instruction. */
final class AddressVector {
    private AddressVector() {}

    /** Computes the addresses of all lanes, whether they take part or not. */
    static void fill(long[] addresses, MemoryOperand operand, Warp warp) {
        long offset = operand.offset();
        if (operand.wide()) {
            long[] base = warp.longs[operand.slot()];
            for (int i = 0; i < COUNT; i++) {
                addresses[i] = base[i] + offset;
            }
        } else {
            int[] base = warp.words[operand.slot()];
            for (int i = 0; i < COUNT; i++) {
                addresses[i] = (base[i] & 0xffff_ffffL) + offset;
            }
        }
    }

    /** Whether each lane's address is so many bytes above the one before; 0 for the same address in all lanes. */
    static boolean isRow(long[] addresses, int step) {
        long first = addresses[0];
        long difference = 0;
        for (int i = 0; i < COUNT; i++) {
            difference |= addresses[i] - first - (long) i * step;
        }
        return difference == 0;
    }
}
