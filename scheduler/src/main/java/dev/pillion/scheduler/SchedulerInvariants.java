package dev.pillion.scheduler;

import dev.pillion.memory.BlockPool;
import dev.pillion.memory.BlockTable;
import java.util.HashSet;
import java.util.Set;

/**
 * Checks, for tests, what must hold of a {@link Scheduler} after each call. Slow and allocating; not for production
 * use.
 *
 * <p>The rules: a block has as many references as tables hold it, and each is free or referenced; no segment writes a
 * block another table or the prefix index can read; a step holds no more than its budget and each sequence at most
 * once, going on exactly where its computed tokens end; no decode is left out of a step that admits somebody; the
 * running list is in order of arrival; parked sequences hold blocks and a place and run in no step; who waits or has
 * ended holds no block.
 */
public final class SchedulerInvariants {
    private final Scheduler scheduler;
    private final SchedulingState state;

    private SchedulerInvariants(Scheduler scheduler) {
        this.scheduler = scheduler;
        state = scheduler.state();
    }

    /**
     * Checks everything; between {@link Scheduler#plan} and its end the plan too.
     *
     * @throws IllegalStateException if a rule is broken, saying which
     */
    public static void check(Scheduler scheduler) {
        SchedulerInvariants invariants = new SchedulerInvariants(scheduler);
        invariants.checkBlocks();
        invariants.checkRunning();
        invariants.checkWaiting();
        if (scheduler.isInFlight()) {
            invariants.checkPlan(scheduler.currentPlan());
        }
    }

    /** Checks in addition that nothing is left: no sequence, and every block free. */
    public static void checkIdle(Scheduler scheduler) {
        check(scheduler);
        BlockPool pool = scheduler.cache().pool();
        require(!scheduler.hasWork(), "sequences are left");
        require(pool.freeBlocks() == pool.blocks(), pool.blocks() - pool.freeBlocks() + " blocks leaked");
        require(scheduler.state().slots == 0, scheduler.state().slots + " places leaked");
    }

    private void checkBlocks() {
        BlockPool pool = state.cache.pool();
        pool.checkIntegrity();
        state.cache.hostPool().ifPresent(host -> {
            host.checkIntegrity();
            require(host.freeBlocks() == host.blocks(), "a host block stayed pinned");
        });
        int[] held = new int[pool.blocks()];
        for (int i = 0; i < state.running.size(); i++) {
            BlockTable table = state.running.get(i).table();
            for (int b = 0; b < table.count(); b++) {
                held[table.block(b)]++;
            }
        }
        for (int i = 0; i < state.parked.size(); i++) {
            BlockTable table = state.parked.get(i).table();
            for (int b = 0; b < table.count(); b++) {
                held[table.block(b)]++;
            }
        }
        for (int block = 0; block < held.length; block++) {
            require(held[block] == pool.references(block), "block " + block + " is in " + held[block]
                    + " tables and has " + pool.references(block) + " references");
        }
    }

    private void checkRunning() {
        int slots = 0;
        for (int i = 0; i < state.running.size(); i++) {
            Sequence sequence = state.running.get(i);
            require(sequence.state == SequenceState.RUNNING, describe(sequence) + " is in the running list");
            require(i == 0 || !sequence.isOlderThan(state.running.get(i - 1)), describe(sequence) + " is out of order");
            require(sequence.computed <= sequence.table().capacityTokens(), describe(sequence) + " lacks blocks");
            require(sequence.computed <= sequence.length, describe(sequence) + " computed more than it knows");
            slots += sequence.slots();
        }
        for (int i = 0; i < state.parked.size(); i++) {
            Sequence sequence = state.parked.get(i);
            require(sequence.state == SequenceState.PARKED, describe(sequence) + " is among the parked");
            slots += sequence.slots();
        }
        require(slots == state.slots, slots + " places in use, " + state.slots + " counted");
        require(slots <= state.config.maxSequences(), slots + " places of " + state.config.maxSequences());
    }

    private void checkWaiting() {
        long tokens = 0;
        for (int i = 0; i < state.waiting.size(); i++) {
            Sequence sequence = state.waiting.at(i);
            SequenceState at = sequence.state;
            require(at == SequenceState.WAITING || at == SequenceState.PREEMPTED, describe(sequence)
                    + " is in the queue");
            require(sequence.table().count() == 0, describe(sequence) + " waits and holds blocks");
            require(sequence.queueIndex == i, describe(sequence) + " is not where it thinks in the queue");
            require(i == 0 || !WaitingQueue.before(sequence, state.waiting.at((i - 1) / 2)), "the queue is no heap");
            tokens += sequence.length;
        }
        require(tokens == state.waiting.tokens(), tokens + " tokens wait, " + state.waiting.tokens() + " counted");
    }

    private void checkPlan(BatchPlan plan) {
        require(plan.tokens() <= plan.budgetTokens(), plan.tokens() + " tokens of " + plan.budgetTokens());
        Set<Sequence> seen = new HashSet<>();
        Set<Integer> written = new HashSet<>();
        int tokens = 0;
        int rows = 0;
        for (int i = 0; i < plan.size(); i++) {
            Sequence sequence = plan.sequence(i);
            tokens += plan.length(i);
            rows += plan.wantsLogits(i) ? 1 : 0;
            require(plan.length(i) > 0, describe(sequence) + " has an empty segment");
            require(seen.add(sequence), describe(sequence) + " is in the step twice");
            if (sequence.state == SequenceState.RUNNING) {
                checkSegment(plan, i, written);
            }
        }
        require(tokens == plan.tokens() && rows == plan.logitsRows(), "the plan counts its tokens or rows wrongly");
        if (scheduler.planner().decodesFirst() && plan.admitted() > 0) {
            for (int i = 0; i < state.running.size(); i++) {
                Sequence sequence = state.running.get(i);
                boolean isNew = sequence.scheduledStep < 0;
                require(seen.contains(sequence) || isNew || sequence.isPrefilling(),
                        describe(sequence) + " could decode and waits on an admission");
            }
        }
    }

    private void checkSegment(BatchPlan plan, int i, Set<Integer> written) {
        Sequence sequence = plan.sequence(i);
        int end = plan.start(i) + plan.length(i);
        require(end == sequence.computed, describe(sequence) + " does not go on where its computed tokens end");
        require(plan.wantsLogits(i) == (end == sequence.length), describe(sequence)
                + " wants logits at the wrong place");
        BlockTable table = sequence.table();
        BlockPool pool = state.cache.pool();
        int last = (end - 1) / table.blockTokens();
        for (int b = plan.start(i) / table.blockTokens(); b <= last; b++) {
            int block = table.block(b);
            require(written.add(block), "block " + block + " has two writers");
            boolean forkedSince = pool.references(block) > 1 && end == sequence.length;
            require(pool.references(block) == 1 || forkedSince, "block " + block + " is written and shared");
            require(!pool.isCached(block), "block " + block + " is written and can be found");
        }
    }

    private static String describe(Sequence sequence) {
        return "sequence " + sequence.id() + " (" + sequence.state + ", " + sequence.computed + " of " + sequence.length
                + " computed)";
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalStateException(otherwise);
        }
    }
}
