package dev.pillion.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.math.BigDecimal;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LogprobsTest {
    private static Sampler sampler(SamplingParams params, int vocabularySize) {
        return new Sampler(params, StopConditions.defaults(), Set.of(), vocabularySize, new int[] {0});
    }

    @Test
    void agreeWithAnExactSumAndAFullSort() {
        for (int n = 0; n < 200; n++) {
            SplittableRandom random = TestSeed.random(n);
            float[] logits = RandomLogits.row(random, 1 + random.nextInt(300));
            int top = random.nextInt(21);
            int chosen = random.nextInt(logits.length);
            double logSum = logOfExactSum(logits);
            List<TokenLogprob> expected = IntStream.range(0, logits.length).boxed()
                    .sorted(Comparator.comparingDouble((Integer t) -> 0.0 - logits[t]).thenComparing(t -> t))
                    .limit(top)
                    .map(t -> new TokenLogprob(t, logits[t] - logSum))
                    .toList();

            Sampler sampler = sampler(SamplingParams.builder().logprobs(top).build(), logits.length);
            TokenLogprobs actual = sampler.logprobs(logits, 0, chosen).orElseThrow();
            assertThat(actual.chosen().token()).isEqualTo(chosen);
            closeTo(actual.chosen().logprob(), logits[chosen] - logSum, n);
            assertThat(actual.top()).as(TestSeed.describe(n)).extracting(TokenLogprob::token)
                    .isEqualTo(expected.stream().map(TokenLogprob::token).toList());
            for (int i = 0; i < expected.size(); i++) {
                closeTo(actual.top().get(i).logprob(), expected.get(i).logprob(), n);
            }
        }
    }

    private static void closeTo(double actual, double expected, int caseNumber) {
        if (Double.isInfinite(expected)) {
            assertThat(actual).as(TestSeed.describe(caseNumber)).isEqualTo(expected);
        } else {
            assertThat(actual).as(TestSeed.describe(caseNumber)).isCloseTo(expected, within(1e-11));
        }
    }

    private static double logOfExactSum(float[] logits) {
        double highest = IntStream.range(0, logits.length).mapToDouble(i -> logits[i]).max().orElseThrow();
        BigDecimal sum = BigDecimal.ZERO;
        for (float logit : logits) {
            sum = sum.add(new BigDecimal(Math.exp(logit - highest)));
        }
        return highest + Math.log(sum.doubleValue());
    }

    @Test
    void areOfTheModelsOwnDistribution() {
        float[] logits = {2, 1, 0, -1};
        SamplingParams plain = SamplingParams.builder().logprobs(4).build();
        SamplingParams changed = plain.toBuilder()
                .temperature(0.3).topK(2).ban(0).logitBias(3, 9).repetitionPenalty(1.9).presencePenalty(2).build();
        Sampler sampler = sampler(changed, 4);
        assertThat(sampler.logprobs(logits, 0, 1)).isEqualTo(sampler(plain, 4).logprobs(logits, 0, 1));
    }

    @Test
    void areAbsentUnlessAskedFor() {
        assertThat(sampler(SamplingParams.defaults(), 2).logprobs(new float[2], 0, 1)).isEmpty();
        TokenLogprobs none = sampler(SamplingParams.builder().logprobs(0).build(), 2)
                .logprobs(new float[] {9, 9, 9}, 1, 1).orElseThrow();
        assertThat(none.top()).isEmpty();
        assertThat(none.chosen()).isEqualTo(new TokenLogprob(1, -Math.log(2)));
    }

    @Test
    void infiniteLogitsAreTakenAsALimit() {
        float[] logits = {5, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY};
        TokenLogprobs logprobs =
                sampler(SamplingParams.builder().logprobs(3).build(), 4).logprobs(logits, 0, 2).orElseThrow();
        assertThat(logprobs.chosen().logprob()).isEqualTo(Double.NEGATIVE_INFINITY);
        assertThat(logprobs.top()).containsExactly(new TokenLogprob(1, -Math.log(2)), new TokenLogprob(3, -Math.log(2)),
                new TokenLogprob(0, Double.NEGATIVE_INFINITY));
    }

    @Test
    void unusableLogitsAreFailures() {
        Sampler sampler = sampler(SamplingParams.builder().logprobs(1).build(), 2);
        float ruledOut = Float.NEGATIVE_INFINITY;
        assertThatThrownBy(() -> sampler.logprobs(new float[] {1, Float.NaN}, 0, 0))
                .isInstanceOf(SamplingException.class).hasMessageContaining("token 1 is NaN");
        assertThatThrownBy(() -> sampler.logprobs(new float[] {ruledOut, ruledOut}, 0, 0))
                .isInstanceOf(SamplingException.class);
        assertThatThrownBy(() -> sampler.logprobs(new float[2], 0, 2)).isInstanceOf(IndexOutOfBoundsException.class);
    }
}
