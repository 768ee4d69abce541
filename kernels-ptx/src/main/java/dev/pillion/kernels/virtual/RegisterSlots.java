package dev.pillion.kernels.virtual;

import dev.pillion.kernels.ptx.PtxRegister;
import dev.pillion.kernels.ptx.PtxType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Where the operands of a kernel lie in a warp's tables of words, longs and predicates: special registers first, then
 * registers, then constants, of which all warps share one array each.
 */
final class RegisterSlots {
    private static final int SPECIAL_WORDS = SpecialRegister.count();

    private final int[] slots;
    private int wordCount = SPECIAL_WORDS;
    private int longCount;
    private int predicateCount;
    private final Map<Integer, Integer> wordConstants = new HashMap<>();
    private final Map<Long, Integer> longConstants = new HashMap<>();
    private final List<Integer> wordValues = new ArrayList<>();
    private final List<Long> longValues = new ArrayList<>();
    private final int firstWordConstant;
    private final int firstLongConstant;
    private final int wordSink;
    private final int longSink;

    /** Gives each register a slot. */
    RegisterSlots(List<PtxRegister> registers, RegisterAllocation allocation) {
        slots = allocation.slots();
        wordCount += allocation.words();
        longCount += allocation.longs();
        predicateCount = allocation.predicates();
        wordSink = wordCount++;
        longSink = longCount++;
        firstWordConstant = wordCount;
        firstLongConstant = longCount;
        for (PtxRegister register : registers) {
            if (register.type() != PtxType.PRED && register.type().bytes() <= 4) {
                slots[register.index()] += SPECIAL_WORDS;
            }
        }
    }

    int of(PtxRegister register) {
        return slots[register.index()];
    }

    int wordConstant(int value) {
        return wordConstants.computeIfAbsent(value, v -> {
            wordValues.add(v);
            return wordCount++;
        });
    }

    int longConstant(long value) {
        return longConstants.computeIfAbsent(value, v -> {
            longValues.add(v);
            return longCount++;
        });
    }

    /** Slot for results that nobody wants. */
    int wordSink() {
        return wordSink;
    }

    /** Slot for results that nobody wants. */
    int longSink() {
        return longSink;
    }

    int firstWordConstant() {
        return firstWordConstant;
    }

    int firstLongConstant() {
        return firstLongConstant;
    }

    int predicates() {
        return predicateCount;
    }

    /** The constants' arrays in the order of their slots. */
    int[][] wordConstants() {
        return wordValues.stream().map(v -> {
            int[] lanes = new int[Lanes.COUNT];
            java.util.Arrays.fill(lanes, v);
            return lanes;
        }).toArray(int[][]::new);
    }

    /** The constants' arrays in the order of their slots. */
    long[][] longConstants() {
        return longValues.stream().map(v -> {
            long[] lanes = new long[Lanes.COUNT];
            java.util.Arrays.fill(lanes, v);
            return lanes;
        }).toArray(long[][]::new);
    }
}
