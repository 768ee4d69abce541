package dev.pillion.sampling;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class CounterRandomTest {
    /** SplittableRandom is SplitMix64 too: seeded with the mixed seed it must walk through the same stream. */
    @Test
    void streamIsSplitMix64OfTheMixedSeed() {
        for (long seed : new long[] {0, 1, -1, 42, Long.MIN_VALUE, 0x123456789ABCDEFL}) {
            // The first output of SplitMix64 started one increment earlier is mix(seed).
            long mixedSeed = new SplittableRandom(seed - 0x9E3779B97F4A7C15L).nextLong();
            SplittableRandom stream = new SplittableRandom(mixedSeed);
            for (int position = 0; position < 1000; position++) {
                double expected = (stream.nextLong() >>> 11) * 0x1.0p-53;
                assertThat(CounterRandom.uniform(seed, position)).isEqualTo(expected);
            }
        }
    }

    @Test
    void pairsOfNeighboursAreUniform() {
        int side = 16;
        double[] even = new double[side * side];
        Arrays.fill(even, 1.0 / even.length);
        long[] neighbouringPositions = new long[even.length];
        long[] neighbouringSeeds = new long[even.length];
        for (int i = 0; i < 200_000; i++) {
            neighbouringPositions[cell(side, CounterRandom.uniform(7, i), CounterRandom.uniform(7, i + 1))]++;
            neighbouringSeeds[cell(side, CounterRandom.uniform(i, 3), CounterRandom.uniform(i + 1, 3))]++;
        }
        assertThat(ChiSquare.deviation(neighbouringPositions, even)).isBetween(-4.5, 4.5);
        assertThat(ChiSquare.deviation(neighbouringSeeds, even)).isBetween(-4.5, 4.5);
    }

    private static int cell(int side, double x, double y) {
        assertThat(x).isBetween(0.0, Math.nextDown(1.0));
        return (int) (x * side) * side + (int) (y * side);
    }

    @Test
    void choicesOfARequestHaveSeedsOfTheirOwn() {
        Set<Long> seeds = new HashSet<>();
        for (long seed = 0; seed < 100; seed++) {
            assertThat(CounterRandom.seedOfChoice(seed, 0)).isEqualTo(seed);
            for (int choice = 0; choice < 16; choice++) {
                seeds.add(CounterRandom.seedOfChoice(seed, choice));
            }
        }
        assertThat(seeds).hasSize(1600);
    }

    @Test
    void chosenSeedsSurviveADouble() {
        Set<Long> seeds = new HashSet<>();
        for (int i = 0; i < 1000; i++) {
            long seed = CounterRandom.chooseSeed();
            assertThat((long) (double) seed).isEqualTo(seed).isNotNegative();
            seeds.add(seed);
        }
        assertThat(seeds).hasSize(1000);
    }
}
