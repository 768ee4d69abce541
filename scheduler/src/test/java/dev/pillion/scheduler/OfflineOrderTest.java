package dev.pillion.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class OfflineOrderTest {
    @Test
    void sharersAreNeighboursAndDecodeHeavyGroupsComeFirst() {
        List<int[]> prompts = List.of(
                new int[] {5, 5, 5, 5, 1, 2}, new int[] {9, 9, 9, 9, 9}, new int[] {5, 5, 5, 5, 1, 3},
                new int[] {5, 5, 5, 9}, new int[] {9, 9, 9, 9, 1});
        OfflineOrder order = OfflineOrder.of(prompts, new int[] {1, 50, 1, 2, 50}, 4);
        assertThat(order.order()).containsExactly(4, 1, 3, 0, 2);
        assertThat(order.groupStarts()).containsExactly(0, 2, 3);
        assertThat(order.promptTokens()).isEqualTo(26);
        assertThat(order.sharedTokens()).isEqualTo(8);
    }

    @Test
    void sharedTokensAreTheTriesOptimumAndTheSchedulerReachesIt() {
        long seed = Long.getLong("pillion.test.seed", 5);
        SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 60; round++) {
            List<int[]> prompts = randomPrompts(random);
            int[] expected = random.ints(prompts.size(), 1, 6).toArray();
            OfflineOrder order = OfflineOrder.of(prompts, expected, Bench.BLOCK);
            assertThat(Arrays.stream(order.order()).sorted().toArray())
                    .containsExactly(java.util.stream.IntStream.range(0, prompts.size()).toArray());
            assertThat(order.sharedTokens()).as("seed %d round %d", seed, round)
                    .isEqualTo(optimum(prompts, order.order()));

            Bench bench = new Bench(2000, SchedulerConfig.forPool(6, 0), new SarathiPlanner(), 12);
            int rank = 0;
            for (int index : order.order()) {
                bench.submit(Sequence.builder(index, prompts.get(index)).maxTokens(1).arrivalNanos(rank++));
            }
            bench.runToEnd();
            assertThat(bench.scheduler.counters().prefixHitTokens()).as("seed %d round %d", seed, round)
                    .isEqualTo(order.sharedTokens());
        }
    }

    private static List<int[]> randomPrompts(SplittableRandom random) {
        List<int[]> prompts = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            int[] prompt = random.ints(1 + random.nextInt(25), 0, 3).toArray();
            if (!prompts.isEmpty() && random.nextBoolean()) {
                int[] other = prompts.get(random.nextInt(prompts.size()));
                int common = random.nextInt(Math.min(prompt.length, other.length) + 1);
                System.arraycopy(other, 0, prompt, 0, common);
            }
            prompts.add(prompt);
        }
        return prompts;
    }

    /** Tokens in full blocks, last tokens apart, that an earlier prompt has: counted from the set of all prefixes. */
    private static long optimum(List<int[]> prompts, int[] order) {
        Set<String> seen = new HashSet<>();
        long shared = 0;
        for (int index : order) {
            int[] prompt = prompts.get(index);
            for (int end = Bench.BLOCK; end < prompt.length; end += Bench.BLOCK) {
                shared += seen.contains(Arrays.toString(Arrays.copyOf(prompt, end))) ? Bench.BLOCK : 0;
            }
            for (int end = Bench.BLOCK; end <= prompt.length; end += Bench.BLOCK) {
                seen.add(Arrays.toString(Arrays.copyOf(prompt, end)));
            }
        }
        return shared;
    }

    @Test
    void nothingToOrderIsFine() {
        OfflineOrder order = OfflineOrder.of(List.of(), new int[0], 4);
        assertThat(order.order()).isEmpty();
        assertThat(order.sharedTokens()).isZero();
        assertThat(OfflineOrder.of(List.of(new int[0], new int[0]), new int[2], 4).order()).containsExactly(0, 1);
    }
}
