package dev.pillion.benchmarks.gpu;

import dev.pillion.GenerationRequest;
import dev.pillion.model.architecture.ModelDescription;
import dev.pillion.sampling.StopConditions;
import java.util.SplittableRandom;

/** Requests of random tokens: always the same ones in the same order. */
final class RandomPrompts {
    private final SplittableRandom random = new SplittableRandom(17);
    private final int vocabulary;

    RandomPrompts(ModelDescription description) {
        this.vocabulary = description.vocabularySize();
    }

    /** Random tokens. */
    int[] tokens(int count) {
        return random.ints(count, 0, vocabulary).toArray();
    }

    /** A number from {@code least} to {@code most}. */
    int length(int least, int most) {
        return random.nextInt(least, most + 1);
    }

    /** Seconds until the next arrival of a Poisson process. */
    double gap(double perSecond) {
        return -Math.log(1 - random.nextDouble()) / perSecond;
    }

    /** A request that generates exactly so many tokens. */
    GenerationRequest request(int promptTokens, int answerTokens) {
        return request(tokens(promptTokens), answerTokens, "");
    }

    /** A request that generates exactly so many tokens after a prompt. */
    static GenerationRequest request(int[] prompt, int answerTokens, String cacheSalt) {
        return GenerationRequest.builder(prompt)
                .cacheSalt(cacheSalt)
                .stop(StopConditions.builder().maxTokens(answerTokens).ignoreEos(true).build())
                .build();
    }
}
