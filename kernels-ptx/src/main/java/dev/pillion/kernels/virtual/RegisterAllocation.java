package dev.pillion.kernels.virtual;

import dev.pillion.kernels.ptx.PtxFunction;
import dev.pillion.kernels.ptx.PtxRegister;
import dev.pillion.kernels.ptx.PtxType;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.PriorityQueue;

/**
 * Places of registers in the tables of their size. The compiler writes each value to a register of its own; registers
 * whose values are not needed at the same time share a place, so that a warp's registers stay in the cache (linear
 * scan:
 * Poletto and Sarkar, "Linear scan register allocation", TOPLAS 1999).
 *
 * @param slots place of each register by its index; 0 for one that is not used
 * @param words places of 16- and 32-bit registers
 * @param longs places of 64-bit registers
 * @param predicates places of predicates
 */
record RegisterAllocation(int[] slots, int words, int longs, int predicates) {
    static RegisterAllocation of(PtxFunction function, Liveness liveness) {
        int[] slots = new int[function.registers().size()];
        int words = scan(function, liveness, slots, r -> r.type() != PtxType.PRED && r.type().bytes() < 8);
        int longs = scan(function, liveness, slots, r -> r.type().bytes() == 8);
        int predicates = scan(function, liveness, slots, r -> r.type() == PtxType.PRED);
        return new RegisterAllocation(slots, words, longs, predicates);
    }

    /** Registers of one kind. */
    private interface Kind {
        boolean has(PtxRegister register);
    }

    /** Places the registers of a kind; returns how many places they take, at least one. */
    private static int scan(PtxFunction function, Liveness liveness, int[] slots, Kind kind) {
        List<PtxRegister> registers = function.registers().stream()
                .filter(r -> kind.has(r) && liveness.last(r.index()) >= 0)
                .sorted(Comparator.comparingInt(r -> liveness.first(r.index()))).toList();
        PriorityQueue<PtxRegister> held = new PriorityQueue<>(Comparator.comparingInt(r -> liveness.last(r.index())));
        Deque<Integer> free = new ArrayDeque<>();
        int count = 0;
        for (PtxRegister register : registers) {
            while (!held.isEmpty() && liveness.last(held.peek().index()) < liveness.first(register.index())) {
                free.push(slots[held.poll().index()]);
            }
            slots[register.index()] = free.isEmpty() ? count++ : free.pop();
            held.add(register);
        }
        return Math.max(count, 1);
    }

    /** 32-bit registers that a thread needs, by this allocation. */
    int perThread() {
        return words + 2 * longs;
    }
}
