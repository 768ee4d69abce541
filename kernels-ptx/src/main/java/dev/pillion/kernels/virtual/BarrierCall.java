package dev.pillion.kernels.virtual;

/**
 * A barrier instruction (PTX ISA, "bar", "barrier").
 *
 * @param site the instruction
 * @param number slot of the barrier's number
 * @param threads slot of the number of threads it waits for, or -1 for all of the block
 * @param arriveOnly whether it does not wait itself
 * @param reduction what it computes of the threads' predicates
 * @param predicate the predicate; meaningless without a reduction
 * @param target slot of the reduction's result, a word for {@code POPC}, else a predicate
 */
record BarrierCall(
        Site site, int number, int threads, boolean arriveOnly, Reduction reduction, PredicateSource predicate,
        int target) {
    /** Reductions over the threads' predicates. */
    enum Reduction {
        /** None. */
        NONE,
        /** How many hold. */
        POPC,
        /** Whether all hold. */
        AND,
        /** Whether any holds. */
        OR
    }
}
