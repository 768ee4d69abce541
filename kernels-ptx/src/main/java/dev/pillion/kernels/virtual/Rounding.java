package dev.pillion.kernels.virtual;

import dev.pillion.kernels.ptx.PtxInstruction;

/** Rounding modes of floating-point instructions. */
enum Rounding {
    /** To nearest, ties to even. */
    NEAREST,
    /** Towards zero. */
    ZERO,
    /** Towards negative infinity. */
    DOWN,
    /** Towards positive infinity. */
    UP,
    /** To nearest, ties away from zero. */
    AWAY;

    /** The mode an instruction names; nearest if it names none. */
    static Rounding of(PtxInstruction i) {
        if (i.has("rz") || i.has("rzi")) {
            return ZERO;
        }
        if (i.has("rm") || i.has("rmi")) {
            return DOWN;
        }
        if (i.has("rp") || i.has("rpi")) {
            return UP;
        }
        return i.has("rna") ? AWAY : NEAREST;
    }
}
