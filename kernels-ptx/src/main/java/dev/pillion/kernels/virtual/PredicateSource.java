package dev.pillion.kernels.virtual;

/**
 * A predicate that is read.
 *
 * @param slot its slot
 * @param flip -1 if it is negated, 0 if not
 */
record PredicateSource(int slot, int flip) {
    /** Lanes where it is true. */
    int lanes(Warp warp) {
        return warp.predicates[slot] ^ flip;
    }
}
