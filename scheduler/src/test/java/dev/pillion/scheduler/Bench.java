package dev.pillion.scheduler;

import dev.pillion.memory.KvCache;
import dev.pillion.memory.PrefixHasher;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;

/** A scheduler with a fake device behind it, for tests that say step by step what should happen. */
final class Bench {
    static final int BLOCK = 4;

    final KvCache cache;
    final Scheduler scheduler;
    final FakeDevice device;
    private long now;

    Bench(int blocks, int maxSequences, int budget) {
        this(blocks, SchedulerConfig.forPool(maxSequences, 0), new SarathiPlanner(), budget);
    }

    Bench(int blocks, SchedulerConfig config, BatchPlanner planner, int budget) {
        this(blocks, config, planner, new FirstComeFirstServed(), new FixedBudget(budget));
    }

    Bench(int blocks, SchedulerConfig config, BatchPlanner planner, QueuePolicy policy, TokenBudget budget) {
        cache = new KvCache(BLOCK, blocks, 0, true, new PrefixHasher(3, 4));
        scheduler = new Scheduler(config, cache, planner, policy, budget);
        device = new FakeDevice(cache);
    }

    /** A prompt that shares no prefix with one of another id. */
    static int[] prompt(long id, int length) {
        return new SplittableRandom(id).ints(length, 100, 1_000_000).toArray();
    }

    static Sequence.Builder sequence(long id, int promptLength) {
        return Sequence.builder(id, prompt(id, promptLength)).arrivalNanos(id).maxTokens(300 - promptLength);
    }

    Sequence submit(Sequence.Builder builder) {
        Sequence sequence = builder.build();
        Admission admission = scheduler.submit(sequence);
        if (!(admission instanceof Admission.Accepted)) {
            throw new AssertionError("not accepted: " + admission);
        }
        return sequence;
    }

    BatchPlan plan() {
        BatchPlan plan = scheduler.plan(++now);
        SchedulerInvariants.check(scheduler);
        return plan;
    }

    /** Runs a plan on the device; no token stops anybody. */
    void commit(BatchPlan plan) {
        device.run(plan);
        Arrays.fill(device.stopped, false);
        scheduler.commit(plan, device.sampled, device.stopped);
        SchedulerInvariants.check(scheduler);
    }

    /** Plans and runs one step and returns its segments. */
    List<String> step() {
        BatchPlan plan = plan();
        List<String> segments = segments(plan);
        if (!plan.isEmpty()) {
            commit(plan);
        }
        return segments;
    }

    void steps(int count) {
        for (int i = 0; i < count; i++) {
            step();
        }
    }

    /** Repeats {@code action} until {@code condition} holds, but not for ever. */
    void until(BooleanSupplier condition, Runnable action) {
        for (int i = 0; !condition.getAsBoolean(); i++) {
            if (i > 10_000) {
                throw new AssertionError("no end after " + i + " steps");
            }
            action.run();
        }
    }

    void runToEnd() {
        until(() -> !scheduler.hasWork(), this::step);
        SchedulerInvariants.checkIdle(scheduler);
    }

    /** Segments as {@code id:start+length}, in order. */
    static List<String> segments(BatchPlan plan) {
        List<String> segments = new ArrayList<>();
        for (int i = 0; i < plan.size(); i++) {
            segments.add(plan.sequence(i).id() + ":" + plan.start(i) + "+" + plan.length(i));
        }
        return segments;
    }
}
