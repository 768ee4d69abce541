package dev.pillion.kernels.virtual;

import dev.pillion.kernels.ptx.PtxFunction;
import dev.pillion.kernels.ptx.PtxRegister;
import dev.pillion.kernels.ptx.PtxType;

/**
 * Places of registers in the tables of their size.
 *
 * @param slots place of each register by its index
 * @param words places of 16- and 32-bit registers
 * @param longs places of 64-bit registers
 * @param predicates places of predicates
 */
record RegisterAllocation(int[] slots, int words, int longs, int predicates) {
    /** A place of its own for each register. */
    static RegisterAllocation separate(PtxFunction function) {
        int[] slots = new int[function.registers().size()];
        int words = 0;
        int longs = 0;
        int predicates = 0;
        for (PtxRegister register : function.registers()) {
            slots[register.index()] = register.type() == PtxType.PRED ? predicates++
                    : register.type().bytes() == 8 ? longs++ : words++;
        }
        return new RegisterAllocation(slots, words, longs, predicates);
    }
}
