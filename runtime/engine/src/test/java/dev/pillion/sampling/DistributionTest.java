package dev.pillion.sampling;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Draws of whole samplers follow the distribution that {@link ReferenceChain} computes. */
class DistributionTest {
    private static final int DRAWS = 40_000;

    @Test
    void drawsFollowTheModelsDistribution() {
        follows(SamplingParams.defaults(), 0);
    }

    @Test
    void drawsFollowTheDistributionAtATemperature() {
        follows(SamplingParams.builder().temperature(0.6).build(), 1);
        follows(SamplingParams.builder().temperature(1.7).build(), 2);
    }

    @Test
    void drawsFollowTheFilteredDistribution() {
        follows(SamplingParams.builder().topK(7).build(), 3);
        follows(SamplingParams.builder().topP(0.83).build(), 4);
        follows(SamplingParams.builder().minP(0.07).build(), 5);
        follows(SamplingParams.builder().typicalP(0.71).build(), 6);
    }

    @Test
    void drawsFollowTheDistributionOfTheWholeChain() {
        SamplingParams params = SamplingParams.builder()
                .temperature(1.3).topK(25).topP(0.93).minP(0.02).typicalP(0.9).build();
        follows(params, 7);
    }

    /** Once along the positions of one sequence, once over the seeds of many at the same position. */
    private static void follows(SamplingParams params, int caseNumber) {
        SplittableRandom random = TestSeed.random(caseNumber);
        float[] logits = new float[40];
        for (int i = 0; i < logits.length; i++) {
            logits[i] = (float) random.nextGaussian(0, 1.5);
        }
        double[] probabilities = new double[logits.length];
        for (Map.Entry<Integer, Double> entry : ReferenceChain.distribution(params, logits).entrySet()) {
            probabilities[entry.getKey()] = entry.getValue();
        }
        SamplerScratch scratch = new SamplerScratch(logits.length);
        long firstSeed = random.nextLong();

        long[] alongPositions = new long[logits.length];
        Sampler sampler = sampler(params, firstSeed, logits.length);
        for (int draw = 0; draw < DRAWS; draw++) {
            int token = sampler.sample(logits, 0, scratch);
            sampler.accept(token);
            alongPositions[token]++;
        }
        long[] overSeeds = new long[logits.length];
        for (int draw = 0; draw < DRAWS; draw++) {
            overSeeds[sampler(params, firstSeed + draw, logits.length).sample(logits, 0, scratch)]++;
        }
        fits(alongPositions, probabilities, caseNumber);
        fits(overSeeds, probabilities, caseNumber);
    }

    private static Sampler sampler(SamplingParams params, long seed, int vocabularySize) {
        SamplingParams seeded = params.toBuilder().seed(seed).build();
        return new Sampler(seeded, StopConditions.defaults(), Set.of(), vocabularySize, new int[0]);
    }

    private static void fits(long[] observed, double[] probabilities, int caseNumber) {
        for (int token = 0; token < observed.length; token++) {
            if (probabilities[token] == 0) {
                assertThat(observed[token]).as("filtered token %d, %s", token, TestSeed.describe(caseNumber)).isZero();
            }
        }
        assertThat(ChiSquare.deviation(observed, probabilities)).as(TestSeed.describe(caseNumber)).isLessThan(4.5);
    }
}
