package dev.pillion.kernels.virtual;

/**
 * Where a comparison's outcome goes: {@code p = outcome op c}, {@code q = !outcome op c} (PTX ISA, "setp").
 *
 * @param first predicate register, or -1 for none
 * @param second predicate register for the opposite outcome, or -1 for none
 * @param combine how the third predicate comes in
 * @param third predicate register of {@code c}; meaningless without a combination
 * @param thirdFlip -1 to negate {@code c}, 0 to take it as it is
 */
record PredicateTarget(int first, int second, Combine combine, int third, int thirdFlip) {
    /** Ways to combine. */
    enum Combine {
        /** The outcome alone. */
        NONE,
        /** Both. */
        AND,
        /** Either. */
        OR,
        /** Exactly one. */
        XOR
    }

    /** A predicate that takes the outcome as it is. */
    static PredicateTarget plain(int first) {
        return new PredicateTarget(first, -1, Combine.NONE, 0, 0);
    }

    void set(Warp warp, int mask, int outcome) {
        int third = combine == Combine.NONE ? 0 : warp.predicates[this.third] ^ thirdFlip;
        if (first >= 0) {
            put(warp, first, mask, combined(outcome, third));
        }
        if (second >= 0) {
            put(warp, second, mask, combined(~outcome, third));
        }
    }

    private int combined(int outcome, int third) {
        return switch (combine) {
            case NONE -> outcome;
            case AND -> outcome & third;
            case OR -> outcome | third;
            case XOR -> outcome ^ third;
        };
    }

    private static void put(Warp warp, int predicate, int mask, int value) {
        warp.predicates[predicate] = warp.predicates[predicate] & ~mask | value & mask;
    }
}
