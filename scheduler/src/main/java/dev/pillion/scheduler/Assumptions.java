package dev.pillion.scheduler;

import org.jspecify.annotations.Nullable;

/**
 * What planning ahead takes for granted: each row of logits of the running step yields a token, and that token ends
 * nobody but those who then have all they may generate. An assumed token counts as known ({@link Sequence#length}) until
 * the running step is committed, which puts the sampled token into its place, or the assumption is dropped.
 *
 * <p>Where a token does end its sequence, that sequence's segment in the step planned ahead is computed for nothing. It
 * writes only behind the committed tokens, so no block that can be found; its blocks are free at once, and whoever gets
 * them writes in a later step, which the device runs later.
 */
final class Assumptions {
    private final SchedulingState state;

    Assumptions(SchedulingState state) {
        this.state = state;
    }

    /** Assumes a token for each row of logits of the running step. */
    void make(BatchPlan running) {
        for (int i = 0; i < running.size(); i++) {
            Sequence sequence = running.sequence(i);
            if (running.wantsLogits(i) && sequence.state == SequenceState.RUNNING) {
                sequence.assumeNext();
            }
        }
    }

    /** Takes the assumptions back, and with them what a plan made on them noted down in its sequences. */
    void drop(BatchPlan running) {
        for (int i = 0; i < running.size(); i++) {
            Sequence sequence = running.sequence(i);
            if (sequence.state == SequenceState.RUNNING) {
                sequence.dropAssumed();
                sequence.scheduledStep = running.step();
                sequence.planIndex = i;
            }
        }
    }

    /** Whether the running step will be forked from: what its further samples start with is not known before. */
    boolean awaitsForks(BatchPlan running) {
        for (int i = 0; i < running.size(); i++) {
            Sequence sequence = running.sequence(i);
            if (running.wantsLogits(i) && sequence.pendingForks > 0 && sequence.state == SequenceState.RUNNING) {
                return true;
            }
        }
        return false;
    }

    /** Whether blocks stand in the way of a step in which every running sequence goes on as far as it can. */
    @Nullable AheadObstacle blockObstacle() {
        long needed = 0;
        for (int i = 0; i < state.running.size(); i++) {
            Sequence sequence = state.running.get(i);
            if (sequence.length > sequence.writableEnd && sequence.remaining() > 0 && !sequence.isFull()) {
                if (sequence.table().isShared(sequence.computed)) {
                    return AheadObstacle.SHARED_BLOCK;
                }
                needed += Math.max(0, state.cache.blocksFor(sequence.length) - sequence.table().count());
            }
        }
        return needed <= state.cache.pool().freeBlocks() ? null : AheadObstacle.FEW_BLOCKS;
    }
}
