package dev.pillion.scheduler;

import dev.pillion.memory.KvCache;
import dev.pillion.memory.PrefixHasher;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * One random life of a scheduler: a small pool, a few sequences that come over time and often begin alike, aborts,
 * forks, failing steps, steps planned while others run. Every invariant is checked after every call, and at the end
 * every sequence has ended with exactly the tokens it would have produced alone.
 */
final class RandomWorkload {
    private static final List<BatchPlanner> PLANNERS = List.of(
            new SarathiPlanner(), new SarathiPlanner(), new SarathiPlanner(),
            new PrefillFirstPlanner(), new OrcaPlanner(), new StaticBatchPlanner());
    private static final List<QueuePolicy> POLICIES = List.of(
            new FirstComeFirstServed(), new HighestPriority(), new LeastSlack(3, 5), new ShortestFirst(2),
            new LongestPrefixMatch(4));
    private static final int MOST_STEPS = 20_000;

    private final SplittableRandom random;
    private final Scheduler scheduler;
    final FakeDevice device;
    private final List<Sequence> accepted = new ArrayList<>();
    private final Map<Sequence, Integer> forkNumbers = new HashMap<>();
    /** Where each running sequence's next segment has to start. */
    private final Map<Sequence, Integer> nextPositions = new HashMap<>();
    private final int[][] stems;
    private final int failOneIn;
    /** Of ten steps, how many are planned ahead where that can be. */
    private final int aheadOfTen;
    private long nextId;
    private int arrivals;
    /** Segments of steps planned ahead whose sequences ended before. */
    long ghosts;

    RandomWorkload(long seed) {
        random = new SplittableRandom(seed);
        int blockTokens = 1 << random.nextInt(4);
        int deviceBlocks = (16 + random.nextInt(40)) / blockTokens + 1;
        int hostBlocks = random.nextInt(3) == 0 ? 1 + random.nextInt(deviceBlocks) : 0;
        boolean caching = random.nextInt(5) > 0;
        KvCache cache = new KvCache(
                blockTokens, deviceBlocks, hostBlocks, caching, new PrefixHasher(random.nextLong(), seed));
        int maxSequences = 1 + random.nextInt(8);
        SchedulerConfig config = new SchedulerConfig(
                maxSequences, 1 + random.nextInt(12), random.nextInt(3), random.nextInt(5), random.nextInt(5),
                random.nextBoolean());
        int budget = maxSequences + random.nextInt(20);
        TokenBudget tokenBudget = random.nextInt(4) > 0
                ? new FixedBudget(budget)
                : new LatencyBudget(50_000, budget, 1, 4, new StepTimeModel(new CountBasis(5_000, 1_000, 10, 10)));
        scheduler = new Scheduler(config, cache, pick(PLANNERS), pick(POLICIES), tokenBudget);
        device = new FakeDevice(cache);
        failOneIn = random.nextBoolean() ? 20 : Integer.MAX_VALUE;
        aheadOfTen = random.nextInt(3) == 0 ? 0 : random.nextInt(11);
        stems = new int[3][];
        for (int i = 0; i < stems.length; i++) {
            stems[i] = random.ints(24, 0, FakeDevice.VOCABULARY).toArray();
        }
    }

    /** Runs to the end and returns the scheduler's counters. */
    SchedulerCounters run() {
        arrivals = 1 + random.nextInt(14);
        int steps = 0;
        while (arrivals > 0 || scheduler.hasWork() || scheduler.isInFlight()) {
            if (++steps > MOST_STEPS) {
                throw new IllegalStateException("no end after " + MOST_STEPS + " steps: " + scheduler.running()
                        + " running, " + scheduler.waiting() + " waiting");
            }
            while (arrivals > 0 && random.nextInt(3) > 0) {
                arrivals--;
                submit(steps);
            }
            step(steps);
            maybeAbort();
        }
        SchedulerInvariants.checkIdle(scheduler);
        accepted.forEach(this::checkTokens);
        return scheduler.counters();
    }

    private void maybeAbort() {
        if (random.nextInt(25) == 0 && !accepted.isEmpty()) {
            Sequence victim = accepted.get(random.nextInt(accepted.size()));
            boolean had = victim.isFinished();
            if (scheduler.abort(victim) == had) {
                throw new IllegalStateException("abort does not say whether the sequence had ended");
            }
            nextPositions.remove(victim);
            SchedulerInvariants.check(scheduler);
        }
    }

    private void submit(int now) {
        int length = 1 + random.nextInt(30);
        int[] stem = stems[random.nextInt(stems.length)];
        int shared = random.nextInt(Math.min(length, stem.length) + 1);
        int[] prompt = random.ints(length, 0, FakeDevice.VOCABULARY).toArray();
        System.arraycopy(stem, 0, prompt, 0, shared);
        Sequence sequence = Sequence.builder(nextId++, prompt)
                .maxTokens(1 + random.nextInt(20))
                .arrivalNanos(now / 2)
                .priority(random.nextInt(3))
                .deadlineNanos(random.nextBoolean() ? now + random.nextInt(100) : Sequence.NO_DEADLINE)
                .salt(random.nextInt(8) == 0 ? 1 : 0)
                .samples(random.nextInt(4) == 0 ? 1 + random.nextInt(3) : 1)
                .build();
        if (scheduler.submit(sequence) instanceof Admission.Accepted) {
            accepted.add(sequence);
        } else if (sequence.state() != SequenceState.NEW) {
            throw new IllegalStateException("a refused sequence is not as it was");
        }
        SchedulerInvariants.check(scheduler);
    }

    /** Plans a step if none is in flight, perhaps one behind it, and ends the older one. */
    private void step(int now) {
        if (!scheduler.isInFlight()) {
            BatchPlan plan = scheduler.plan(now);
            SchedulerInvariants.check(scheduler);
            if (plan.isEmpty()) {
                return;
            }
            start(plan);
        }
        BatchPlan plan = scheduler.olderPlan();
        if (random.nextInt(10) < aheadOfTen) {
            stepAhead(plan, now);
        } else {
            end(plan);
        }
    }

    private void start(BatchPlan plan) {
        follow(plan);
        device.enqueue(plan);
    }

    private void stepAhead(BatchPlan running, int now) {
        maybeAbort();
        PlannedAhead ahead = scheduler.planAhead(now);
        SchedulerInvariants.check(scheduler);
        if (!(ahead instanceof PlannedAhead.Planned(BatchPlan next))) {
            end(running);
            return;
        }
        start(next);
        maybeAbort();
        if (arrivals > 0 && random.nextInt(3) == 0) {
            arrivals--;
            submit(now);
        }
        if (random.nextInt(failOneIn) == 0) {
            // The next one fails alone; the running one has ended by then.
            device.execute();
            device.fail(random);
            takeBack(next, next);
            commit(running);
        } else if (random.nextInt(40) == 0) {
            device.execute();
            device.execute();
            scheduler.withdraw(running);
            startAgain(next);
            startAgain(running);
        } else {
            end(running);
        }
    }

    /** Lets the device end the older step, or fail it with what is enqueued behind it. */
    private void end(BatchPlan plan) {
        if (random.nextInt(failOneIn) == 0) {
            boolean two = scheduler.plansInFlight() == 2;
            BatchPlan next = scheduler.newerPlan();
            device.fail(random);
            if (two) {
                device.fail(random);
            }
            takeBack(plan, two ? next : plan);
            return;
        }
        device.execute();
        fork(plan);
        if (random.nextInt(30) == 0 && plan.size() > 0) {
            scheduler.abort(plan.sequence(random.nextInt(plan.size())));
        }
        SchedulerInvariants.check(scheduler);
        commit(plan);
    }

    private void commit(BatchPlan plan) {
        boolean two = scheduler.plansInFlight() == 2;
        BatchPlan next = scheduler.newerPlan();
        scheduler.commit(plan, device.sampled, device.stopped);
        scheduler.observe(plan, 10_000 + 1_000L * plan.tokens() + random.nextInt(3_000));
        SchedulerInvariants.check(scheduler);
        for (int i = 0; two && i < next.size(); i++) {
            ghosts += next.sequence(i).isFinished() ? 1 : 0;
        }
    }

    private void takeBack(BatchPlan failed, BatchPlan newest) {
        scheduler.rollback(failed);
        startAgain(newest);
        startAgain(failed);
        SchedulerInvariants.check(scheduler);
    }

    private void startAgain(BatchPlan plan) {
        for (int i = 0; i < plan.size(); i++) {
            Sequence sequence = plan.sequence(i);
            if (sequence.state() == SequenceState.RUNNING) {
                nextPositions.put(sequence, plan.start(i));
            } else {
                nextPositions.remove(sequence);
            }
        }
    }

    /** Each token is computed once: a segment starts where the sequence's last one ended, or at a prefix hit. */
    private void follow(BatchPlan plan) {
        for (int i = 0; i < plan.preemptedCount(); i++) {
            nextPositions.remove(plan.preempted(i));
        }
        for (int i = 0; i < plan.size(); i++) {
            Sequence sequence = plan.sequence(i);
            Integer expected = nextPositions.put(sequence, plan.start(i) + plan.length(i));
            if (expected != null && expected != plan.start(i)) {
                throw new IllegalStateException("sequence " + sequence.id() + " goes on at " + plan.start(i)
                        + " and was computed up to " + expected);
            }
        }
    }

    private void fork(BatchPlan plan) {
        for (int i = 0; i < plan.size(); i++) {
            Sequence parent = plan.sequence(i);
            while (plan.wantsLogits(i)
                    && parent.pendingForks() > 0
                    && parent.state() == SequenceState.RUNNING) {
                int number = parent.pendingForks();
                int token = FakeDevice.sample(FakeDevice.stateOf(parent, parent.length()), number);
                Sequence child = scheduler.fork(parent, nextId++, token, "fork");
                accepted.add(child);
                forkNumbers.put(child, number);
                nextPositions.put(child, child.promptLength());
                if (token == FakeDevice.STOP_TOKEN) {
                    scheduler.finish(child, FinishReason.STOP);
                }
            }
        }
    }

    private void checkTokens(Sequence sequence) {
        if (!sequence.isFinished() || sequence.blockTable().count() != 0) {
            throw new IllegalStateException("sequence " + sequence.id() + " is " + sequence.state());
        }
        for (int p = sequence.promptLength(); p < sequence.length(); p++) {
            int fork = p == sequence.promptLength() ? forkNumbers.getOrDefault(sequence, 0) : 0;
            int alone = FakeDevice.sample(FakeDevice.stateOf(sequence, p), fork);
            if (sequence.token(p) != alone) {
                throw new IllegalStateException("sequence " + sequence.id() + " has token " + sequence.token(p)
                        + " at " + p + ", alone it has " + alone);
            }
        }
        FinishReason reason = sequence.finishReason().orElseThrow();
        boolean atEnd = sequence.generated() > 0 && sequence.token(sequence.length() - 1) == FakeDevice.STOP_TOKEN;
        boolean right = switch (reason) {
            case STOP -> atEnd;
            case LENGTH -> sequence.generated() == sequence.maxTokens();
            case ABORTED -> true;
            case FAILED -> false;
        };
        if (!right) {
            throw new IllegalStateException("sequence " + sequence.id() + " ended for " + reason + " after "
                    + sequence.generated() + " of " + sequence.maxTokens());
        }
    }

    private <T> T pick(List<T> from) {
        return from.get(random.nextInt(from.size()));
    }
}
