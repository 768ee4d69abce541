package dev.pillion.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pillion.metrics.Counter;
import dev.pillion.scheduler.SchedulerCounters;
import java.util.EnumMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The engine's lifecycle and scheduling in random lives, each replayed by its seed. */
class RandomLivesTest {
    private static final long SEED = Long.getLong("pillion.test.seed", 20260721L);
    private static final int LIVES = 10_000;
    private static final int OVERLAPPING_LIVES = 1_000;

    private final LifeCounts counts = new LifeCounts();
    private final LongAdder preemptions = new LongAdder();
    private final LongAdder rollbacks = new LongAdder();
    private final LongAdder prefixHits = new LongAdder();
    private final Map<Counter, Long> measured = new EnumMap<>(Counter.class);

    /** Tokens sampled on the device, steps planned while others run: the same answers. */
    @Test
    void everyRequestHasWhatItHasAloneWhereStepsOverlap() {
        IntStream.range(0, OVERLAPPING_LIVES).parallel().forEach(number -> live(LIVES + number, true));
        assertThat(counts.completed).as("completed requests").isGreaterThan(3 * OVERLAPPING_LIVES);
        assertThat(counts.cancelled).as("cancelled requests").isGreaterThan(OVERLAPPING_LIVES / 10);
        assertThat(counts.failures).as("failed steps").isGreaterThan(OVERLAPPING_LIVES);
        assertThat(preemptions.sum()).as("preemptions").isGreaterThan(OVERLAPPING_LIVES / 4);
        assertThat(measured(Counter.AHEAD_STEPS)).as("steps planned ahead").isGreaterThan(10L * OVERLAPPING_LIVES);
        assertThat(measured(Counter.AHEAD_WITHDRAWN)).as("of these withdrawn").isGreaterThan(OVERLAPPING_LIVES / 4);
        assertThat(measured(Counter.TOKENS_WASTED)).as("tokens wasted").isGreaterThan(OVERLAPPING_LIVES / 4);
        assertThat(measured(Counter.AHEAD_HIDDEN_TIME)).as("nanoseconds hidden").isPositive();
        for (Counter counter : Counter.values()) {
            if (counter.key().startsWith("ahead.not.") && counter != Counter.AHEAD_NOT_HOST_SAMPLING) {
                assertThat(measured(counter)).as(counter.key()).isPositive();
            }
        }
    }

    private long measured(Counter counter) {
        return measured.getOrDefault(counter, 0L);
    }

    @Test
    void everyRequestHasWhatItHasAlone() {
        IntStream.range(0, LIVES).parallel().forEach(number -> live(number, false));
        assertThat(measured(Counter.AHEAD_STEPS)).as("steps planned ahead").isZero();
        assertThat(counts.completed).as("completed requests").isGreaterThan(3 * LIVES);
        assertThat(counts.cancelled).as("cancelled requests").isGreaterThan(LIVES / 10);
        assertThat(counts.broken).as("requests that failed alone").isGreaterThan(LIVES / 10);
        assertThat(counts.refused).as("requests refused for a full queue").isGreaterThan(LIVES / 10);
        assertThat(counts.failures).as("failed steps").isGreaterThan(LIVES);
        assertThat(counts.stopStrings).as("requests with stop strings that stopped").isGreaterThan(LIVES / 10);
        assertThat(counts.severalSamples).as("requests of several samples").isGreaterThan(LIVES / 4);
        assertThat(counts.offlineRuns).as("offline runs").isGreaterThan(LIVES / 5);
        assertThat(counts.offlineCompleted).as("requests completed in offline runs").isGreaterThan(LIVES / 2);
        assertThat(counts.offlineRefused).as("requests refused in offline runs").isGreaterThan(LIVES / 100);
        assertThat(counts.offlineAbandoned).as("offline runs whose listener threw").isGreaterThan(LIVES / 100);
        assertThat(counts.offlineFailures).as("failed steps in offline runs").isGreaterThan(LIVES / 5);
        assertThat(preemptions.sum()).as("preemptions").isGreaterThan(LIVES / 4);
        assertThat(rollbacks.sum()).as("rollbacks").isGreaterThan(LIVES / 2);
        assertThat(prefixHits.sum()).as("tokens found in the prefix cache").isGreaterThan(5L * LIVES);
    }

    private void live(int number, boolean overlaps) {
        RandomLife life = new RandomLife(new SplittableRandom(SEED * 1_000_003L + number), overlaps);
        try {
            SchedulerCounters scheduler = life.run();
            preemptions.add(scheduler.preemptions());
            rollbacks.add(scheduler.rollbacks());
            prefixHits.add(scheduler.prefixHitTokens());
            synchronized (counts) {
                counts.add(life.counts);
                life.metrics().counters().forEach((counter, value) -> measured.merge(counter, value, Long::sum));
            }
        } catch (RuntimeException | AssertionError e) {
            throw new AssertionError(
                    "seed " + SEED + " (-Dpillion.test.seed), life " + number + ", " + life + ": " + e, e);
        }
    }
}
