package dev.pillion.kernels.virtual;

/** An instruction under a predicate. */
final class Guarded extends Instruction {
    private final Instruction instruction;
    private final int predicate;
    private final int flip;

    Guarded(Instruction instruction, int predicate, boolean negated) {
        this.instruction = instruction;
        this.predicate = predicate;
        flip = negated ? -1 : 0;
    }

    @Override
    void run(Warp warp, int mask) {
        int taking = mask & (warp.predicates[predicate] ^ flip);
        if (taking != 0) {
            instruction.run(warp, taking);
        }
    }
}
