package dev.pillion.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;

/** Every filter, alone and in company, against {@link ReferenceChain} on random logits. */
class FilterTest {
    private static final int CASES = 400;

    @Test
    void temperatureAgreesWithTheReference() {
        agrees((random, builder) -> {});
    }

    @Test
    void topKAgreesWithTheReference() {
        agrees((random, builder) -> builder.topK(1 + random.nextInt(random.nextBoolean() ? 10 : 3000)));
    }

    @Test
    void topPAgreesWithTheReference() {
        agrees((random, builder) -> builder.topP(positive(random)));
    }

    @Test
    void minPAgreesWithTheReference() {
        agrees((random, builder) -> builder.minP(Math.pow(random.nextDouble(), 4)));
    }

    @Test
    void typicalPAgreesWithTheReference() {
        agrees((random, builder) -> builder.typicalP(positive(random)));
    }

    @Test
    void allFiltersTogetherAgreeWithTheReference() {
        agrees((random, builder) -> builder.topK(1 + random.nextInt(500))
                .topP(positive(random))
                .minP(random.nextDouble() * 0.1)
                .typicalP(positive(random)));
    }

    @Test
    void tiesGoToTheLowerId() {
        float[] logits = {1, 2, 2, 0, 2, 2};
        assertThat(sampled(SamplingParams.builder().topK(2).build(), logits)).containsOnlyKeys(1, 2);
        assertThat(sampled(SamplingParams.builder().topK(5).build(), logits)).containsOnlyKeys(0, 1, 2, 4, 5);
        assertThat(sampled(SamplingParams.builder().topP(0.4).build(), logits)).containsOnlyKeys(1, 2);
        assertThat(sampled(SamplingParams.builder().typicalP(0.3).build(), logits)).containsOnlyKeys(1, 2);
    }

    @Test
    void bothZerosTie() {
        float[] logits = {-0.0f, 0.0f, -0.0f};
        assertThat(sampled(SamplingParams.builder().topK(1).build(), logits)).containsOnlyKeys(0);
        assertThat(sampled(SamplingParams.builder().topK(2).build(), logits)).containsOnlyKeys(0, 1);
    }

    @Test
    void theTokenThatReachesTopPIsKept() {
        float[] logits = {(float) Math.log(0.5), (float) Math.log(0.3), (float) Math.log(0.2)};
        assertThat(sampled(SamplingParams.builder().topP(0.45).build(), logits)).containsOnlyKeys(0);
        assertThat(sampled(SamplingParams.builder().topP(0.55).build(), logits)).containsOnlyKeys(0, 1);
        assertThat(sampled(SamplingParams.builder().topP(0.81).build(), logits)).containsOnlyKeys(0, 1, 2);
    }

    @Test
    void theSmallestFractionsKeepOneToken() {
        float[] logits = {1, 3, 2};
        double tiny = Double.MIN_VALUE;
        assertThat(sampled(SamplingParams.builder().topP(tiny).build(), logits)).containsOnlyKeys(1);
        assertThat(sampled(SamplingParams.builder().minP(1).build(), logits)).containsOnlyKeys(1);
        assertThat(sampled(SamplingParams.builder().typicalP(tiny).build(), logits)).hasSize(1);
        assertThat(sampled(SamplingParams.builder().temperature(tiny).build(), logits)).containsOnlyKeys(1);
    }

    @Test
    void typicalKeepsTheUnsurprisingRatherThanTheLikely() {
        // One token of a half, ten of a twentieth: the entropy is nearer the surprisal of the ten.
        float[] logits = new float[11];
        Arrays.fill(logits, (float) Math.log(0.05));
        logits[10] = (float) Math.log(0.5);
        assertThat(sampled(SamplingParams.builder().typicalP(0.18).build(), logits)).doesNotContainKey(10).hasSize(4);
    }

    @Test
    void infiniteLogitsAreTakenAsALimit() {
        float certain = Float.POSITIVE_INFINITY;
        float[] logits = {5, certain, Float.NEGATIVE_INFINITY, certain, Float.MAX_VALUE};
        Map<Integer, Double> sampled = sampled(SamplingParams.defaults(), logits);
        assertThat(sampled).containsOnlyKeys(1, 3);
        assertThat(sampled.get(1)).isEqualTo(0.5);
    }

    private static double positive(SplittableRandom random) {
        return 1 - random.nextDouble();
    }

    private static void agrees(BiConsumer<SplittableRandom, SamplingParams.Builder> setUp) {
        for (int n = 0; n < CASES; n++) {
            SplittableRandom random = TestSeed.random(n);
            float[] logits = RandomLogits.row(random, 1 + random.nextInt(random.nextBoolean() ? 20 : 2000));
            SamplingParams.Builder builder = SamplingParams.builder().temperature(0.1 + 2 * random.nextDouble());
            setUp.accept(random, builder);
            SamplingParams params = builder.build();

            Map<Integer, Double> expected = ReferenceChain.distribution(params, logits);
            expected.values().removeIf(p -> p < 1e-290);
            Map<Integer, Double> actual = sampled(params, logits);
            actual.values().removeIf(p -> p < 1e-290);
            String what = TestSeed.describe(n) + ", " + params + ", vocabulary " + logits.length;
            assertThat(actual.keySet()).as(what).isEqualTo(expected.keySet());
            expected.forEach((token, p) -> assertThat(actual.get(token)).as(what).isCloseTo(p, within(1e-12)));
        }
    }

    /** The distribution the sampler draws from, ascending by token; tokens of probability 0 left out. */
    private static Map<Integer, Double> sampled(SamplingParams params, float[] logits) {
        Candidates candidates = new Candidates(logits.length);
        candidates.load(logits, 0, logits.length);
        Sampler.filter(params, candidates);
        Map<Integer, Double> distribution = new TreeMap<>();
        for (int i = 0; i < candidates.count(); i++) {
            if (candidates.weight(i) > 0) {
                distribution.put(candidates.token(i), candidates.weight(i) / candidates.totalWeight());
            }
        }
        return distribution;
    }
}
