package dev.pillion.kernels.virtual;

/** A decoded instruction that changes registers or memory and goes on to the next one. */
abstract class Instruction {
    /** Mask of a warp of which all 32 lanes take part. */
    static final int ALL = -1;

    /**
     * Executes it.
     *
     * @param warp the warp
     * @param mask lanes that take part, never none
     */
    abstract void run(Warp warp, int mask);
}
