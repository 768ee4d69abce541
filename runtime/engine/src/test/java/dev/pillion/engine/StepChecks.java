package dev.pillion.engine;

import static dev.pillion.engine.RandomLife.require;

import dev.pillion.EngineHealth;
import dev.pillion.EngineOptions;
import dev.pillion.memory.BlockAddress;
import dev.pillion.memory.BlockTable;
import dev.pillion.memory.CopyList;
import dev.pillion.scheduler.BatchPlan;
import dev.pillion.scheduler.Scheduler;
import dev.pillion.scheduler.SchedulerInvariants;
import dev.pillion.scheduler.Sequence;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What must hold of an engine driven by hand, within and after every step. */
final class StepChecks {
    private final FakeEngine engine;
    private final EngineOptions options;
    private final Scheduler scheduler;

    StepChecks(FakeEngine engine, EngineOptions options) {
        this.engine = engine;
        this.options = options;
        scheduler = engine.core().scheduler();
    }

    /** The plan under way keeps its rules and the budget. */
    void withinStep() {
        SchedulerInvariants.check(scheduler);
        int budget = Math.max(options.chunkTokens(), options.maxSequences());
        boolean chunking = options.scheduling().equals("sarathi");
        int most = chunking ? budget : Math.max(budget, options.contextTokens()) + options.maxSequences();
        int tokens = engine.backend().tokens();
        require(tokens <= most, tokens + " tokens in a step of at most " + most);
    }

    void afterStep(List<LifeOfRequest> lives) {
        SchedulerInvariants.check(scheduler);
        Set<ActiveRequest> scheduled = new HashSet<>();
        Map<Sequence, Integer> computed = computedBeforeRunning();
        Sequence[] holders = new Sequence[scheduler.cache().pool().blocks()];
        for (int i = 0; i < scheduler.running(); i++) {
            Sequence sequence = scheduler.running(i);
            scheduled.add(requestOf(sequence));
            checkBlocks(sequence, holders, computed.getOrDefault(sequence, sequence.computed()));
        }
        for (int i = 0; i < scheduler.waiting(); i++) {
            scheduled.add(requestOf(scheduler.waiting(i)));
        }
        checkCounts(scheduled, lives);
    }

    /** Where the sequences of the step planned ahead, if there is one, go on in it. */
    private Map<Sequence, Integer> computedBeforeRunning() {
        Map<Sequence, Integer> starts = new HashMap<>();
        if (scheduler.isInFlight()) {
            BatchPlan plan = engine.core().runningPlan();
            for (int i = 0; i < plan.size(); i++) {
                starts.put(plan.sequence(i), plan.start(i));
            }
        }
        return starts;
    }

    /** Every computed position holds what this sequence must have there, in blocks of its own tenant. */
    private void checkBlocks(Sequence sequence, Sequence[] holders, int computed) {
        BlockTable table = sequence.blockTable();
        for (int i = 0; i < table.count(); i++) {
            int block = table.block(i);
            Sequence other = holders[block];
            if (other != null && other.salt() != sequence.salt()) {
                throw new AssertionError("two tenants share block " + block);
            }
            holders[block] = sequence;
        }
        for (int p = 0; p < computed; p++) {
            int block = table.block(p / table.blockTokens());
            if (!awaitsCopy(block)) {
                engine.backend().requireHolds(block, p, sequence.token(p));
            }
        }
    }

    /** Whether the copies of the step planned ahead, which the device may not have made yet, fill a block. */
    private boolean awaitsCopy(int block) {
        if (scheduler.isInFlight()) {
            CopyList copies = engine.core().runningPlan().copies();
            for (int i = 0; i < copies.size(); i++) {
                if (copies.targetPool(i) == BlockAddress.DEVICE_POOL && copies.targetIndex(i) == block) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Every generation is either with the scheduler or has ended, and the counters say so. */
    private void checkCounts(Set<ActiveRequest> scheduled, List<LifeOfRequest> lives) {
        Set<Long> open = new HashSet<>();
        int unscheduled = 0;
        for (ActiveRequest request : scheduled) {
            require(!request.isEnded(), "request " + request.id + " has ended and is with the scheduler");
            open.add(request.id);
            unscheduled += request.wasScheduled() ? 0 : 1;
        }
        for (LifeOfRequest life : lives) {
            if (life.generation.isDone() == open.contains(life.generation.id())) {
                throw new AssertionError("request " + life.generation.id() + (life.generation.isDone()
                        ? " has ended and is with the scheduler" : " has not ended and is not with the scheduler"));
            }
        }
        require(engine.core().openRequests() == open.size(),
                engine.core().openRequests() + " requests are open, " + open.size() + " with the scheduler");
        EngineHealth health = engine.core().health();
        require(health.waiting() == unscheduled, health.waiting() + " wait, " + unscheduled + " were never scheduled");
        require(health.running() == scheduler.running(), health.running() + " run, not " + scheduler.running());
        boolean busy = !scheduled.isEmpty();
        boolean idle = health.state() == EngineHealth.State.IDLE;
        require(busy || idle, "nothing to do and the state is " + health.state());
    }

    private static ActiveRequest requestOf(Sequence sequence) {
        return ((ActiveSample) sequence.owner()).request;
    }
}
