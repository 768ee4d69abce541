package dev.pillion.engine;

import dev.pillion.EngineHealth;
import dev.pillion.EngineOptions;
import dev.pillion.PillionException;
import dev.pillion.metrics.EngineMetrics;
import dev.pillion.scheduler.SchedulerCounters;
import dev.pillion.scheduler.SchedulerInvariants;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * One random life of an engine, driven by hand: random options, requests that come over time and often begin alike,
 * cancellations and logits in between, at times an offline run too, steps that fail at random moments; on a device that
 * overlaps steps also steps planned ahead. Everything that
 * must hold is checked after each step, and at the end every request has exactly what {@link Oracle} says it has alone.
 */
final class RandomLife {
    private static final List<String> PLANNERS =
            List.of("sarathi", "sarathi", "sarathi", "prefill-first", "orca", "static");
    private static final List<String> POLICIES = List.of("fcfs", "priority", "deadline", "shortest", "prefix");
    private static final int MOST_STEPS = 10_000;
    /** The engine gives up at the third failed step in a row. */
    private static final int MOST_FAILURES_IN_A_ROW = 2;

    private final SplittableRandom random;
    private final EngineOptions options;
    private final FakeEngine engine;
    private final EngineCore core;
    private final RandomRequests requests;
    private final StepChecks checks;
    private final List<LifeOfRequest> lives = new ArrayList<>();
    private final List<LifeOfLogits> logits = new ArrayList<>();
    private final int failOneIn;
    private final int cancelOneIn;
    private long now;
    private int failuresInARow;
    private int arrivals;
    private int steps;
    final LifeCounts counts = new LifeCounts();

    RandomLife(SplittableRandom random, boolean overlaps) {
        this.random = random;
        options = randomOptions();
        engine = overlaps ? FakeEngine.overlapping(options, this::tick) : FakeEngine.of(options, this::tick);
        engine.backend().hasty = random.nextBoolean();
        core = engine.core();
        requests = new RandomRequests(random, options);
        checks = new StepChecks(engine, options);
        failOneIn = random.nextInt(3) == 0 ? 12 : Integer.MAX_VALUE;
        cancelOneIn = random.nextBoolean() ? 15 : Integer.MAX_VALUE;
        engine.backend().probe = this::at;
    }

    private long tick() {
        return now += 1 + random.nextInt(50_000);
    }

    private EngineOptions randomOptions() {
        int blockTokens = 1 << random.nextInt(4);
        int context = 24 + random.nextInt(24);
        int perSequence = Math.ceilDiv(context, blockTokens);
        int blocks = perSequence + random.nextInt(2 * perSequence);
        EngineOptions.Builder builder = EngineOptions.builder()
                .contextTokens(context)
                .kvBlockTokens(blockTokens)
                .kvBytes(TinyModel.kvBytes(blocks, blockTokens))
                .maxSequences(1 + random.nextInt(7))
                .chunkTokens(1 + random.nextInt(24))
                .queueCapacity(1 + random.nextInt(8))
                .prefixCache(random.nextInt(4) > 0)
                .scheduling(PLANNERS.get(random.nextInt(PLANNERS.size())))
                .queuePolicy(POLICIES.get(random.nextInt(POLICIES.size())));
        if (random.nextInt(3) == 0) {
            builder.hostKvBytes(TinyModel.kvBytes(1 + random.nextInt(blocks), blockTokens));
        }
        if (random.nextInt(3) == 0) {
            builder.tbtTarget(Duration.ofNanos(1 + random.nextInt(200_000)));
        }
        builder.planAhead(random.nextInt(10) > 0);
        return builder.build();
    }

    /** What the engine measured. */
    EngineMetrics.Snapshot metrics() {
        return core.metrics().snapshot();
    }

    /** Lives to the end and returns what the scheduler counted. */
    SchedulerCounters run() {
        arrivals = 1 + random.nextInt(12);
        if (random.nextInt(4) == 0) {
            new LifeOfBatch(core, requests, options, random, counts).run(this::turn);
        }
        while (arrivals > 0 || !allEnded()) {
            turn();
        }
        checkEnd();
        return core.scheduler().counters();
    }

    private void turn() {
        while (arrivals > 0 && random.nextInt(3) > 0) {
            arrivals--;
            arrive();
        }
        interfere();
        core.step();
        checks.afterStep(lives);
        require(++steps < MOST_STEPS, "no end after " + steps + " steps: " + core.health());
    }

    private void arrive() {
        if (random.nextInt(10) == 0) {
            logits.add(new LifeOfLogits(core, requests.prompt(), random.nextBoolean()));
            return;
        }
        boolean full = core.health().waiting() >= options.queueCapacity();
        try {
            LifeOfRequest life = new LifeOfRequest(core, requests.next(), options.contextTokens());
            require(!full, "a request was taken beyond the queue's capacity");
            lives.add(life);
        } catch (PillionException e) {
            require(full && e.code() == PillionException.Code.QUEUE_FULL, "refused: " + e.getMessage());
            counts.refused++;
        }
    }

    private void interfere() {
        if (!lives.isEmpty() && random.nextInt(cancelOneIn) == 0) {
            lives.get(random.nextInt(lives.size())).cancel();
        }
    }

    private boolean allEnded() {
        return lives.stream().allMatch(life -> life.generation.isDone())
                && logits.stream().allMatch(LifeOfLogits::isDone);
    }

    /** Called by the device within steps. */
    private void at(FakeBackend.Moment moment) {
        boolean ofPlan = core.scheduler().isInFlight();
        if (moment == FakeBackend.Moment.WRITE && ofPlan) {
            checks.withinStep();
            interfere();
        }
        boolean mayFail = moment != FakeBackend.Moment.DOWNLOAD && (!ofPlan || failuresInARow < MOST_FAILURES_IN_A_ROW);
        if (mayFail && random.nextInt(failOneIn) == 0) {
            failuresInARow += ofPlan ? 1 : 0;
            counts.failures++;
            logits.forEach(LifeOfLogits::mayFail);
            throw new IllegalStateException("the device failed at " + moment);
        }
        if (moment == FakeBackend.Moment.FINISH && ofPlan) {
            failuresInARow = 0;
        }
    }

    private void checkEnd() {
        core.step(); // takes late cancellations from the inbox
        require(!core.step(), "there is work though all requests have ended");
        SchedulerInvariants.checkIdle(core.scheduler());
        EngineHealth health = core.health();
        boolean idle = health.state() == EngineHealth.State.IDLE;
        require(idle && health.waiting() == 0 && health.running() == 0, health.toString());
        require(core.openRequests() == 0, core.openRequests() + " requests are open");
        Set<Long> ids = new HashSet<>();
        for (LifeOfRequest life : lives) {
            require(ids.add(life.generation.id()), "two requests of one id");
            life.checkOutcome(counts);
        }
        logits.forEach(LifeOfLogits::checkOutcome);
        core.close();
        core.close();
        require(engine.backend().closes.get() == 1, "the backend was closed " + engine.backend().closes + " times");
        require(core.health().state() == EngineHealth.State.CLOSED, core.health().toString());
    }

    static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }

    @Override
    public String toString() {
        return options.toString();
    }
}
