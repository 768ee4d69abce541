package dev.pillion.kernels.virtual;

import dev.pillion.kernels.driver.KernelSignature;

/** A kernel, decoded. */
final class Program {
    private final KernelSignature signature;
    private final BasicBlock[] blocks;
    private final RegisterSlots slots;
    private final int[][] wordConstants;
    private final long[][] longConstants;
    private final int sharedBytes;
    private final int dynamicOffset;
    private final int localBytes;
    private final int granule;
    private final int maxThreads;
    private final int registers;

    Program(KernelSignature signature, BasicBlock[] blocks, RegisterSlots slots, Layout layout, int granule,
            int maxThreads, int registers) {
        this.signature = signature;
        this.blocks = blocks;
        this.slots = slots;
        wordConstants = slots.wordConstants();
        longConstants = slots.longConstants();
        sharedBytes = layout.sharedBytes();
        dynamicOffset = layout.dynamicOffset();
        localBytes = layout.localBytes();
        this.granule = granule;
        this.maxThreads = maxThreads;
        this.registers = registers;
    }

    /**
     * Where the kernel's variables lie.
     *
     * @param sharedBytes static shared memory
     * @param dynamicOffset where dynamic shared memory starts
     * @param localBytes memory of a thread
     */
    record Layout(int sharedBytes, int dynamicOffset, int localBytes) {}

    String name() {
        return signature.name();
    }

    KernelSignature signature() {
        return signature;
    }

    BasicBlock[] blocks() {
        return blocks;
    }

    int predicates() {
        return slots.predicates();
    }

    /** Static shared memory in bytes. */
    int sharedBytes() {
        return sharedBytes;
    }

    /** Shared memory of a block with so much dynamic memory. */
    int sharedBytes(int dynamic) {
        return dynamic == 0 ? sharedBytes : dynamicOffset + dynamic;
    }

    int localBytes() {
        return localBytes;
    }

    /** Smallest access to shared memory in bytes. */
    int granule() {
        return granule;
    }

    /** Limit of threads of a block that the kernel declares, or 0. */
    int maxThreads() {
        return maxThreads;
    }

    /** 32-bit registers of a thread, as an estimate for the occupancy. */
    int registers() {
        return registers;
    }

    /** Registers of a warp; special registers are filled in later. */
    int[][] newWords() {
        int[][] words = new int[slots.firstWordConstant() + wordConstants.length][];
        for (int i = 0; i < slots.firstWordConstant(); i++) {
            words[i] = new int[Lanes.COUNT];
        }
        System.arraycopy(wordConstants, 0, words, slots.firstWordConstant(), wordConstants.length);
        return words;
    }

    /** Registers of a warp. */
    long[][] newLongs() {
        long[][] longs = new long[slots.firstLongConstant() + longConstants.length][];
        for (int i = 0; i < slots.firstLongConstant(); i++) {
            longs[i] = new long[Lanes.COUNT];
        }
        System.arraycopy(longConstants, 0, longs, slots.firstLongConstant(), longConstants.length);
        return longs;
    }
}
