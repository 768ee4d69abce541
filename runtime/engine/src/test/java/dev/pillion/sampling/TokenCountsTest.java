package dev.pillion.sampling;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class TokenCountsTest {
    @Test
    void agreesWithAHashMap() {
        for (int n = 0; n < 60; n++) {
            SplittableRandom random = TestSeed.random(n);
            TokenCounts counts = new TokenCounts(random.nextInt(40));
            Map<Integer, Integer> expected = new HashMap<>();
            int range = 1 + random.nextInt(random.nextBoolean() ? 30 : 200_000);
            for (int step = 0; step < 2000; step++) {
                int token = random.nextInt(range);
                if (random.nextInt(100) < 45 && expected.containsKey(token)) {
                    counts.decrement(token);
                    expected.computeIfPresent(token, (t, count) -> count == 1 ? null : count - 1);
                } else {
                    counts.increment(token);
                    expected.merge(token, 1, Integer::sum);
                }
                assertThat(counts.count(token)).isEqualTo(expected.getOrDefault(token, 0));
            }
            Map<Integer, Integer> visited = new HashMap<>();
            for (int slot = 0; slot < counts.slots(); slot++) {
                if (counts.countAt(slot) > 0) {
                    visited.put(counts.tokenAt(slot), counts.countAt(slot));
                }
            }
            assertThat(visited).as(TestSeed.describe(n)).isEqualTo(expected);
        }
    }

    @Test
    void aSlidingWindowNeverGrowsTheTable() {
        TokenCounts counts = new TokenCounts(65);
        int slots = counts.slots();
        for (int token = 0; token < 100_000; token++) {
            counts.increment(token);
            if (token >= 64) {
                counts.decrement(token - 64);
            }
        }
        assertThat(counts.slots()).isEqualTo(slots);
    }
}
