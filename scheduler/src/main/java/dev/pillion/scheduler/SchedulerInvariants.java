package dev.pillion.scheduler;

import dev.pillion.memory.BlockPool;
import dev.pillion.memory.BlockTable;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Checks, for tests, what must hold of a {@link Scheduler} after each call. Slow and allocating; not for production
 * use.
 *
 * <p>The rules: a block has as many references as tables hold it, and each is free or referenced; no segment writes a
 * block another table or the prefix index can read; a step holds no more than its budget and each sequence at most
 * once, going on exactly where its computed tokens end; no decode is left out of a step that admits somebody; the
 * running list is in order of arrival; parked sequences hold blocks and a place and run in no step; who waits or has
 * ended holds no block.
 *
 * <p>With two steps in flight, all of this holds of each; the second goes on where the first ends, no block that one
 * sequence writes is written or findable for another, and nothing beyond the committed tokens is findable.
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
        invariants.checkPlans();
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
            require(!sequence.assumed || scheduler.plansInFlight() == 2, describe(sequence) + " assumes a token");
            require(sequence.length <= sequence.promptLength() + sequence.maxTokens(), describe(sequence)
                    + " knows more than it may generate");
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
            require(!sequence.assumed, describe(sequence) + " waits and assumes a token");
            require(sequence.queueIndex == i, describe(sequence) + " is not where it thinks in the queue");
            require(i == 0 || !WaitingQueue.before(sequence, state.waiting.at((i - 1) / 2)), "the queue is no heap");
            tokens += sequence.length;
        }
        require(tokens == state.waiting.tokens(), tokens + " tokens wait, " + state.waiting.tokens() + " counted");
    }

    private void checkPlans() {
        Map<Integer, Sequence> writers = new HashMap<>();
        BatchPlan older = scheduler.olderPlan();
        switch (scheduler.plansInFlight()) {
            case 0 -> {}
            case 1 -> checkPlan(older, null, writers);
            default -> {
                checkPlan(older, scheduler.newerPlan(), writers);
                checkPlan(scheduler.newerPlan(), null, writers);
                checkAhead(older, scheduler.newerPlan());
            }
        }
    }

    /** The newer plan computes, of the older plan's sequences, what comes next, and knows where its tokens come from. */
    private static void checkAhead(BatchPlan older, BatchPlan newer) {
        require(newer.preemptedCount() == 0, "a step planned ahead took blocks");
        Map<Sequence, Integer> inOlder = segments(older);
        for (int i = 0; i < newer.size(); i++) {
            Sequence sequence = newer.sequence(i);
            if (sequence.state != SequenceState.RUNNING) {
                continue;
            }
            int before = inOlder.getOrDefault(sequence, -1);
            boolean samples = before >= 0 && older.wantsLogits(before);
            require(sequence.assumed == samples, describe(sequence) + " assumes a token that nobody samples");
            require(newer.sampledBy(i) == (samples ? before : -1), describe(sequence) + " awaits another's token");
            require(before < 0 || newer.start(i) == older.start(before) + older.length(before), describe(sequence)
                    + " does not go on where the running step ends");
        }
    }

    private static Map<Sequence, Integer> segments(BatchPlan plan) {
        Map<Sequence, Integer> segments = new HashMap<>();
        for (int i = 0; i < plan.size(); i++) {
            segments.put(plan.sequence(i), i);
        }
        return segments;
    }

    private void checkPlan(BatchPlan plan, @Nullable BatchPlan newer, Map<Integer, Sequence> writers) {
        require(plan.tokens() <= plan.budgetTokens(), plan.tokens() + " tokens of " + plan.budgetTokens());
        Map<Sequence, Integer> inNewer = newer == null ? Map.of() : segments(newer);
        Set<Sequence> seen = new HashSet<>();
        int tokens = 0;
        int rows = 0;
        for (int i = 0; i < plan.size(); i++) {
            Sequence sequence = plan.sequence(i);
            tokens += plan.length(i);
            rows += plan.wantsLogits(i) ? 1 : 0;
            require(plan.length(i) > 0, describe(sequence) + " has an empty segment");
            require(seen.add(sequence), describe(sequence) + " is in the step twice");
            if (sequence.state == SequenceState.RUNNING) {
                int next = inNewer.getOrDefault(sequence, -1);
                int goesOn = newer == null || next < 0 ? sequence.computed : newer.start(next);
                checkSegment(plan, i, goesOn, writers);
                int known = sequence.length - (newer != null && sequence.assumed ? 1 : 0);
                require(plan.wantsLogits(i) == (goesOn == known), describe(sequence) + " wants logits at the wrong place");
            }
        }
        require(tokens == plan.tokens() && rows == plan.logitsRows(), "the plan counts its tokens or rows wrongly");
        if (newer == null && scheduler.planner().decodesFirst() && plan.admitted() > 0) {
            for (int i = 0; i < state.running.size(); i++) {
                Sequence sequence = state.running.get(i);
                boolean isNew = sequence.scheduledStep < 0;
                boolean mayDecode = !isNew && !sequence.isPrefilling() && !(sequence.assumed && sequence.isFull());
                require(seen.contains(sequence) || !mayDecode,
                        describe(sequence) + " could decode and waits on an admission");
            }
        }
    }

    /**
     * Checks a segment.
     *
     * @param goesOn where the sequence's next tokens begin
     * @param writers who writes which block in the plans in flight
     */
    private void checkSegment(BatchPlan plan, int i, int goesOn, Map<Integer, Sequence> writers) {
        Sequence sequence = plan.sequence(i);
        int end = plan.start(i) + plan.length(i);
        require(end == goesOn, describe(sequence) + " does not go on where its computed tokens end");
        require(state.cache.blocksFor(plan.start(i) + 1) > sequence.registeredBlocks, describe(sequence)
                + " has blocks that can be found beyond its committed tokens");
        BlockTable table = sequence.table();
        BlockPool pool = state.cache.pool();
        int last = (end - 1) / table.blockTokens();
        for (int b = plan.start(i) / table.blockTokens(); b <= last; b++) {
            int block = table.block(b);
            Sequence writer = writers.put(block, sequence);
            require(writer == null || writer == sequence, "block " + block + " has two writers");
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
