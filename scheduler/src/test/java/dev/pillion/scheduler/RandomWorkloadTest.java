package dev.pillion.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class RandomWorkloadTest {
    private static final int WORKLOADS = 10_000;

    @Test
    void tenThousandRandomLivesKeepEveryInvariantAndEveryToken() {
        long first = Long.getLong("pillion.test.seed", 20_260_000);
        int count = System.getProperty("pillion.test.seed") == null ? WORKLOADS : 1;
        long[] seen = new long[12];
        long[] obstacles = new long[AheadObstacle.values().length];
        for (long seed = first; seed < first + count; seed++) {
            try {
                RandomWorkload workload = new RandomWorkload(seed);
                SchedulerCounters counters = workload.run();
                seen[0] += counters.preemptions();
                seen[1] += counters.forks();
                seen[2] += counters.prefixHitTokens();
                seen[3] += counters.rollbacks();
                seen[4] += counters.overtakes();
                seen[5] += counters.held();
                seen[6] += workload.device.copies;
                seen[7] += workload.device.fetches;
                seen[8] += counters.recomputedTokens();
                seen[9] += counters.plannedAhead();
                seen[10] += counters.withdrawals();
                seen[11] += workload.ghosts;
                for (AheadObstacle obstacle : AheadObstacle.values()) {
                    obstacles[obstacle.ordinal()] += counters.obstacles(obstacle);
                }
            } catch (RuntimeException e) {
                throw new AssertionError("workload failed; repeat it with -Dpillion.test.seed=" + seed, e);
            }
        }
        if (count == WORKLOADS) {
            // The workloads are worth something only if all of this happened in them.
            assertThat(Arrays.stream(seen).min().orElseThrow())
                    .as("preemptions, forks, hits, rollbacks, overtakes, held, copies, fetches, recomputed, ahead, "
                                    + "withdrawn, ghosts: %s",
                            Arrays.toString(seen))
                    .isGreaterThan(1_000);
            assertThat(Arrays.stream(obstacles).min().orElseThrow())
                    .as("obstacles: %s", Arrays.toString(obstacles))
                    .isGreaterThan(20);
        }
    }
}
