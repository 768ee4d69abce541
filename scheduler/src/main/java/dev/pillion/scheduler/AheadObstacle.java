package dev.pillion.scheduler;

/** Why a step cannot be planned before the one before it has ended. */
public enum AheadObstacle {
    /** The running step ends a prompt of several samples: they are forked from it before anything follows. */
    FORKS,
    /**
     * A running sequence is to write to a block that it shares. Its copy would have to be undone with the step planned
     * ahead, but not with the one before, which may hold a token of the same sequence.
     */
    SHARED_BLOCK,
    /** The free blocks may not do: somebody would lose blocks that the running step uses. */
    FEW_BLOCKS,
    /** There is nothing to do: every running sequence ends with the running step or waits for it. */
    NOTHING_TO_DO
}
