package dev.pillion.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SamplerTest {
    private static final int VOCABULARY = 500;
    private static final StopConditions NO_STOPS = StopConditions.defaults();
    private final SamplerScratch scratch = new SamplerScratch(VOCABULARY);

    private static Sampler sampler(SamplingParams params, int... prompt) {
        return new Sampler(params, NO_STOPS, Set.of(), VOCABULARY, prompt);
    }

    private static float[] row(int caseNumber) {
        return RandomLogits.row(TestSeed.random(caseNumber), VOCABULARY);
    }

    private List<Integer> generate(Sampler sampler, int tokens) {
        List<Integer> generated = new ArrayList<>();
        for (int i = 0; i < tokens; i++) {
            int token = sampler.sample(row(sampler.generatedTokens()), 0, scratch);
            sampler.accept(token);
            generated.add(token);
        }
        return generated;
    }

    @Test
    void greedyTakesTheHighestLogitAndTheLowestIdOfATie() {
        float[] logits = new float[VOCABULARY];
        logits[300] = 4;
        logits[17] = 4;
        logits[18] = 3;
        assertThat(sampler(SamplingParams.greedy()).sample(logits, 0, scratch)).isEqualTo(17);
        SamplingParams banned = SamplingParams.builder().greedy().ban(17).build();
        assertThat(sampler(banned).sample(logits, 0, scratch)).isEqualTo(300);
        SamplingParams biased = SamplingParams.builder().greedy().logitBias(18, 2).build();
        assertThat(sampler(biased).sample(logits, 0, scratch)).isEqualTo(18);
    }

    @Test
    void greedyIgnoresTemperatureAndFilters() {
        SamplingParams params =
                SamplingParams.builder().greedy().temperature(50).topK(3).topP(0.5).typicalP(0.01).minP(0.3).build();
        assertThat(generate(sampler(params), 50)).isEqualTo(generate(sampler(SamplingParams.greedy()), 50));
    }

    @Test
    void aSeedRepeatsTheTokensAndAnotherSeedDoesNot() {
        SamplingParams params = SamplingParams.builder().temperature(3).topP(0.99).seed(5).build();
        List<Integer> first = generate(sampler(params), 60);
        assertThat(generate(sampler(params), 60)).isEqualTo(first);
        assertThat(generate(sampler(params.toBuilder().seed(6).build()), 60)).isNotEqualTo(first);
        assertThat(generate(sampler(params.forChoice(1)), 60)).isNotEqualTo(first);
    }

    @Test
    void theChosenSeedIsReportedAndRepeatsTheTokens() {
        SamplingParams unseeded = SamplingParams.builder().temperature(3).build();
        Sampler sampler = sampler(unseeded);
        SamplingParams seeded = unseeded.toBuilder().seed(sampler.seed()).build();
        assertThat(generate(sampler, 60)).isEqualTo(generate(sampler(seeded), 60));
        assertThat(unseeded.withChosenSeed().seed()).isPresent();
        assertThat(seeded.withChosenSeed()).isEqualTo(seeded);
    }

    /** The rows of other sequences, calls in between, and repeated calls leave a sequence's tokens as they are. */
    @Test
    void tokensDoNotDependOnTheBatch() {
        SamplingParams params = SamplingParams.builder()
                .temperature(2).topP(0.98).repetitionPenalty(1.2).frequencyPenalty(0.3).seed(11).build();
        List<Integer> alone = generate(sampler(params, 1, 2, 3), 40);

        Sampler inABatch = sampler(params, 1, 2, 3);
        Sampler neighbour = sampler(params.toBuilder().seed(99).topK(4).build(), 9);
        List<Integer> tokens = new ArrayList<>();
        for (int position = 0; position < 40; position++) {
            float[] batch = new float[2 * VOCABULARY];
            System.arraycopy(row(1000 + position), 0, batch, 0, VOCABULARY);
            System.arraycopy(row(position), 0, batch, VOCABULARY, VOCABULARY);
            neighbour.accept(neighbour.sample(batch, 0, scratch));
            int token = inABatch.sample(batch, VOCABULARY, scratch);
            assertThat(inABatch.sample(batch, VOCABULARY, scratch)).isEqualTo(token);
            inABatch.accept(token);
            tokens.add(token);
        }
        assertThat(tokens).isEqualTo(alone);
    }

    @Test
    void aSamplerRebuiltInTheMiddleGoesOnAlike() {
        SamplingParams params = SamplingParams.builder().temperature(2).presencePenalty(1).seed(3).build();
        Sampler whole = sampler(params);
        List<Integer> tokens = generate(whole, 50);
        Sampler rebuilt = sampler(params);
        tokens.subList(0, 20).forEach(rebuilt::accept);
        assertThat(generate(rebuilt, 30)).isEqualTo(tokens.subList(20, 50));
    }

    @Test
    void logitsStayAsTheyAre() {
        float[] logits = row(1);
        float[] before = logits.clone();
        SamplingParams params = SamplingParams.builder().topK(5).ban(3).repetitionPenalty(2).logprobs(3).build();
        Sampler sampler = sampler(params, 1, 2, 3);
        sampler.logprobs(logits, 0, sampler.sample(logits, 0, scratch));
        assertThat(logits).isEqualTo(before);
    }

    @Test
    void theOnlyTokenLeftIsDrawn() {
        SamplingParams.Builder builder = SamplingParams.builder().topK(3).topP(0.5).minP(0.5).typicalP(0.5);
        for (int token = 0; token < VOCABULARY; token++) {
            if (token != 123) {
                builder.ban(token);
            }
        }
        float[] logits = new float[VOCABULARY];
        logits[7] = Float.POSITIVE_INFINITY;
        assertThat(sampler(builder.build()).sample(logits, 0, scratch)).isEqualTo(123);
        assertThat(sampler(builder.greedy().build()).sample(logits, 0, scratch)).isEqualTo(123);
    }

    @Test
    void noTokenLeftIsAFailureThatNamesThePosition() {
        SamplingParams.Builder builder = SamplingParams.builder();
        for (int token = 0; token < VOCABULARY; token++) {
            builder.ban(token);
        }
        for (SamplingParams params : List.of(builder.build(), builder.greedy().build())) {
            Sampler sampler = sampler(params);
            sampler.accept(1);
            sampler.accept(1);
            assertThatThrownBy(() -> sampler.sample(new float[VOCABULARY], 0, scratch))
                    .isInstanceOfSatisfying(SamplingException.class, e -> assertThat(e.reason())
                            .isEqualTo(SamplingException.Reason.NO_TOKEN_LEFT))
                    .hasMessageContaining("none of the 500 tokens").hasMessageContaining("generated position 2");
        }
    }

    @Test
    void aNanLogitIsAFailureThatNamesTokenAndPosition() {
        float[] logits = new float[2 * VOCABULARY];
        logits[VOCABULARY + 77] = Float.NaN;
        SamplingParams greedyWithABan = SamplingParams.builder().greedy().ban(77).build();
        for (SamplingParams params : List.of(SamplingParams.defaults(), greedyWithABan)) {
            Sampler sampler = sampler(params);
            sampler.accept(1);
            assertThatThrownBy(() -> sampler.sample(logits, VOCABULARY, scratch))
                    .isInstanceOfSatisfying(SamplingException.class, e -> assertThat(e.reason())
                            .isEqualTo(SamplingException.Reason.NAN_LOGIT))
                    .hasMessageContaining("token 77 is NaN").hasMessageContaining("generated position 1");
        }
    }

    @Test
    void endingTokensWaitForTheMinimum() {
        float[] logits = new float[VOCABULARY];
        logits[4] = 50;
        logits[5] = 40;
        logits[6] = 30;
        StopConditions stops = StopConditions.builder().minTokens(2).stopTokenIds(Set.of(5)).build();
        for (SamplingParams params : List.of(SamplingParams.greedy(), SamplingParams.defaults())) {
            Sampler sampler = new Sampler(params, stops, Set.of(4), VOCABULARY, new int[0]);
            assertThat(sampler.sample(logits, 0, scratch)).isEqualTo(6);
            sampler.accept(6);
            assertThat(sampler.sample(logits, 0, scratch)).isEqualTo(6);
            sampler.accept(6);
            assertThat(sampler.sample(logits, 0, scratch)).isEqualTo(4);
        }
        StopConditions ignoring = StopConditions.builder().minTokens(2).ignoreEos(true).build();
        Sampler sampler = new Sampler(SamplingParams.greedy(), ignoring, Set.of(4), VOCABULARY, new int[0]);
        assertThat(sampler.sample(logits, 0, scratch)).isEqualTo(4);
    }

    @Test
    void tokensOutsideTheVocabularyAreRefused() {
        assertThatThrownBy(() -> sampler(SamplingParams.builder().logitBias(500, 1).build()))
                .isInstanceOf(SamplingParameterException.class)
                .hasMessage("logitBias is for token 500; allowed token ids: 0 to 499, the model's vocabulary");
        StopConditions stops = StopConditions.builder().stopTokenIds(Set.of(501)).build();
        assertThatThrownBy(() -> new Sampler(SamplingParams.greedy(), stops, Set.of(), VOCABULARY, new int[0]))
                .isInstanceOf(SamplingParameterException.class).hasMessageContaining("stopTokenIds");
        assertThatThrownBy(() -> sampler(SamplingParams.greedy()).sample(new float[VOCABULARY], 1, scratch))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> sampler(SamplingParams.greedy()).sample(row(0), 0, new SamplerScratch(7)))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("scratch");
    }

    @Test
    void samplingAllocatesNothing() throws ReflectiveOperationException {
        ThreadAllocation thread = new ThreadAllocation();
        SamplingParams params = SamplingParams.builder().topK(100).topP(0.95).minP(0.01).typicalP(0.9)
                .repetitionPenalty(1.1).repetitionWindow(64).frequencyPenalty(0.1).logitBias(3, 1).seed(1).build();
        Sampler sampler = sampler(params, 1, 2, 3);
        float[] logits = row(0);
        for (int i = 0; i < 500; i++) {
            sampler.accept(sampler.sample(logits, 0, scratch));
        }
        long before = thread.allocatedBytes();
        for (int i = 0; i < 500; i++) {
            sampler.accept(sampler.sample(logits, 0, scratch));
        }
        assertThat(thread.allocatedBytes() - before).isLessThan(500);
    }

    /** A vocabulary of today's size, so that all three radix passes meet crowded buckets. */
    @Test
    void aLargeVocabularyAgreesWithTheReference() {
        int vocabularySize = 151_936;
        SplittableRandom random = TestSeed.random(0);
        float[] logits = new float[vocabularySize];
        for (int i = 0; i < vocabularySize; i++) {
            logits[i] = (float) random.nextGaussian(0, 2);
        }
        SamplingParams params = SamplingParams.builder().topK(20_000).topP(0.9).seed(1).build();
        Set<Integer> allowed = ReferenceChain.distribution(params, logits).keySet();
        SamplerScratch large = new SamplerScratch(vocabularySize);
        Sampler sampler = new Sampler(params, NO_STOPS, Set.of(), vocabularySize, new int[0]);
        for (int i = 0; i < 100; i++) {
            int token = sampler.sample(logits, 0, large);
            assertThat(allowed).as(TestSeed.describe(0)).contains(token);
            sampler.accept(token);
        }
    }
}
