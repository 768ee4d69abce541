package dev.pillion.simulator.cluster;

import dev.pillion.memory.KvCache;
import dev.pillion.memory.PrefixHasher;
import dev.pillion.scheduler.BatchPlan;
import dev.pillion.scheduler.Scheduler;
import dev.pillion.scheduler.SchedulerConfig;
import dev.pillion.scheduler.Sequence;
import dev.pillion.scheduler.SequenceState;
import dev.pillion.scheduler.TokenBudget;
import dev.pillion.simulator.InstanceSettings;
import org.jspecify.annotations.Nullable;

/**
 * One scheduler of an instance with its share of the KV blocks. An instance has as many as pipeline stages, so that each
 * stage can work on another's micro-batch; a sequence stays with one.
 */
final class VirtualEngine {
    final SimulatedInstance instance;
    final Scheduler scheduler;
    private final boolean caching;
    private @Nullable BatchPlan step;
    private int[] sampled = new int[64];
    private boolean[] stopped = new boolean[64];
    long lostToPreemption;

    VirtualEngine(SimulatedInstance instance, InstanceSettings settings, int blocks, boolean caching) {
        this.instance = instance;
        this.caching = caching;
        KvCache cache = new KvCache(settings.blockTokens(), blocks, 0, caching, new PrefixHasher(1, 2));
        TokenBudget budget = settings.tokenBudget().get();
        SchedulerConfig config = SchedulerConfig.forPool(settings.maxSequences(), blocks)
                .withMaxWaiting(settings.maxWaiting());
        scheduler = new Scheduler(config, cache, settings.planner(), settings.queuePolicy(), budget);
    }

    /** Plans the next step, if there is one now. */
    @Nullable BatchPlan plan(long now) {
        BatchPlan plan = scheduler.plan(now);
        countLost(plan);
        if (plan.isEmpty() && plan.preemptedCount() > 0) {
            // All blocks were taken from the one sequence that ran; the next plan has them to give.
            plan = scheduler.plan(now);
            countLost(plan);
        }
        if (plan.isEmpty()) {
            return null;
        }
        step = plan;
        return plan;
    }

    private void countLost(BatchPlan plan) {
        for (int i = 0; i < plan.preemptedCount(); i++) {
            lostToPreemption += plan.preempted(i).lostTokens();
        }
    }

    boolean isReady() {
        return step == null && scheduler.hasWork();
    }

    boolean isInFlight() {
        return step != null;
    }

    /** Ends the step in flight and returns it. */
    BatchPlan commit(RequestRecorder recorder, long now) {
        BatchPlan plan = step;
        if (plan == null) {
            throw new IllegalStateException("no step is in flight");
        }
        int rows = plan.logitsRows();
        if (sampled.length < rows) {
            sampled = new int[2 * rows];
            stopped = new boolean[2 * rows];
        }
        int row = 0;
        for (int i = 0; i < plan.size(); i++) {
            if (!plan.wantsLogits(i)) {
                continue;
            }
            Sequence sequence = plan.sequence(i);
            if (sequence.state() == SequenceState.RUNNING) {
                RequestState state = RequestState.of(sequence);
                if (caching) {
                    sampled[row] = state.request.content().generated(state.request, sequence.generated());
                }
                recorder.token(state, now);
            }
            row++;
        }
        scheduler.commit(plan, sampled, stopped);
        scheduler.observe(plan, now - plan.plannedNanos());
        step = null;
        return plan;
    }

    /** Forgets the step in flight. */
    void rollback() {
        if (step != null) {
            scheduler.rollback(step);
            step = null;
        }
    }

    long usedBlocks() {
        return scheduler.cache().pool().blocks() - (long) scheduler.cache().pool().freeBlocks();
    }
}
