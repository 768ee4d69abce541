package dev.pillion.kernels.virtual;

/** How a basic block ends. */
sealed interface BlockEnd {
    /** Sends the active lanes of a warp on. */
    void leave(Warp warp);

    /**
     * Goes on to another block.
     *
     * @param next the block
     */
    record Jump(int next) implements BlockEnd {
        @Override
        public void leave(Warp warp) {
            warp.go(next);
        }
    }

    /**
     * Lanes where the predicate holds go one way, the others another.
     *
     * @param condition the predicate
     * @param taken block where it holds
     * @param next block where it does not
     */
    record Branch(PredicateSource condition, int taken, int next) implements BlockEnd {
        @Override
        public void leave(Warp warp) {
            warp.branch(condition.lanes(warp) & warp.active(), taken, next);
        }
    }

    /**
     * Each lane goes to the block that its index picks.
     *
     * @param index slot of the index
     * @param targets the blocks
     * @param site the instruction
     */
    record Indexed(int index, int[] targets, Site site) implements BlockEnd {
        @Override
        public void leave(Warp warp) {
            warp.scatter(warp.words[index], targets, site);
        }
    }

    /**
     * Lanes where the predicate holds end.
     *
     * @param condition the predicate
     * @param next block of the others
     */
    record ExitIf(PredicateSource condition, int next) implements BlockEnd {
        @Override
        public void leave(Warp warp) {
            int leaving = condition.lanes(warp) & warp.active();
            int staying = warp.active() & ~leaving;
            warp.exit(leaving);
            if (staying != 0) {
                warp.go(next);
            }
        }
    }

    /** All lanes end. */
    record Exit() implements BlockEnd {
        @Override
        public void leave(Warp warp) {
            warp.exit(warp.active());
        }
    }

    /**
     * Lanes wait for others of their block.
     *
     * @param barrier the barrier
     * @param next block where they go on
     */
    record Wait(BarrierCall barrier, int next) implements BlockEnd {
        @Override
        public void leave(Warp warp) {
            warp.arrive(barrier);
            warp.go(next);
        }
    }
}
