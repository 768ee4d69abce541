package dev.pillion.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class PenaltiesTest {
    @Test
    void repetitionDividesPositiveAndMultipliesNegativeLogits() {
        float[] logits = {3, -3, 0, 3, Float.NEGATIVE_INFINITY};
        apply(SamplingParams.builder().repetitionPenalty(1.5).build(), new int[] {0, 1, 1}, new int[] {2, 4}, logits);
        assertThat(logits).containsExactly(2, -4.5f, 0, 3, Float.NEGATIVE_INFINITY);
    }

    @Test
    void frequencyAndPresenceCountTheGenerationAlone() {
        float[] logits = {1, 1, 1, 1};
        SamplingParams params = SamplingParams.builder().frequencyPenalty(0.5).presencePenalty(0.25).build();
        apply(params, new int[] {0, 1}, new int[] {1, 2, 2}, logits);
        assertThat(logits).containsExactly(1, 0.25f, -0.25f, 1);
    }

    @Test
    void repetitionForgetsWhatLeftTheWindow() {
        float[] logits = {4, 4, 4, 4};
        SamplingParams params = SamplingParams.builder().repetitionPenalty(2).repetitionWindow(2).build();
        apply(params, new int[] {0, 1}, new int[] {2}, logits);
        assertThat(logits).containsExactly(4, 2, 2, 4);
    }

    @Test
    void idsWithoutALogitAreAllowedInThePrompt() {
        float[] logits = {4, 4};
        apply(SamplingParams.builder().repetitionPenalty(2).build(), new int[] {1, 200_000}, new int[0], logits);
        assertThat(logits).containsExactly(4, 2);
    }

    @Test
    void agreesWithCountingAfreshEachTime() {
        for (int n = 0; n < 200; n++) {
            SplittableRandom random = TestSeed.random(n);
            int vocabularySize = 2 + random.nextInt(60);
            SamplingParams.Builder builder = SamplingParams.builder().repetitionPenalty(0.5 + random.nextDouble());
            if (random.nextBoolean()) {
                builder.repetitionWindow(1 + random.nextInt(40));
            }
            builder.frequencyPenalty(random.nextDouble(-2, 2)).presencePenalty(random.nextDouble(-2, 2));
            SamplingParams params = builder.build();
            int[] prompt = random.ints(random.nextInt(50), 0, vocabularySize).toArray();
            int[] generated = random.ints(random.nextInt(300), 0, vocabularySize).toArray();
            float[] logits = RandomLogits.row(random, vocabularySize);
            double[] expected = countedAfresh(params, prompt, generated, logits);
            apply(params, prompt, generated, logits);
            for (int token = 0; token < vocabularySize; token++) {
                if (expected[token] == Double.NEGATIVE_INFINITY) {
                    assertThat(logits[token]).isEqualTo(Float.NEGATIVE_INFINITY);
                } else {
                    assertThat((double) logits[token]).as("token %d, %s, %s", token, TestSeed.describe(n), params)
                            .isCloseTo(expected[token], within(1e-3));
                }
            }
        }
    }

    private static double[] countedAfresh(SamplingParams params, int[] prompt, int[] generated, float[] logits) {
        List<Integer> all = new ArrayList<>();
        for (int token : prompt) {
            all.add(token);
        }
        for (int token : generated) {
            all.add(token);
        }
        List<Integer> window = all.subList(Math.max(0, all.size() - params.repetitionWindow()), all.size());
        double[] expected = new double[logits.length];
        for (int token = 0; token < logits.length; token++) {
            double logit = logits[token];
            if (window.contains(token)) {
                logit = logit > 0 ? logit / params.repetitionPenalty() : logit * params.repetitionPenalty();
            }
            int count = 0;
            for (int seen : generated) {
                count += seen == token ? 1 : 0;
            }
            if (count > 0) {
                logit -= count * params.frequencyPenalty() + params.presencePenalty();
            }
            expected[token] = logit;
        }
        return expected;
    }

    private static void apply(SamplingParams params, int[] prompt, int[] generated, float[] logits) {
        TokenHistory history = new TokenHistory(params, prompt, 8);
        for (int token : generated) {
            history.addGenerated(token);
        }
        assertThat(history.generated()).isEqualTo(generated.length);
        Penalties.apply(params, history, logits, logits.length);
    }
}
