package dev.pillion.cli;

import dev.pillion.GenerationRequest;
import dev.pillion.sampling.SamplingParams;
import dev.pillion.sampling.StopConditions;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * What users ask of a service. The same seed gives the same requests at the same moments.
 *
 * @param users who ask at once, or with random moments, sequences that run at once
 * @param requests how many requests in all
 * @param rate requests a second; {@link #CLOSED_LOOP} where each user waits for its answer before asking again
 * @param promptTokens lengths of prompts
 * @param outputTokens lengths of answers
 * @param seed of everything random
 * @param maxSeconds no more requests after this, and those that run are cancelled
 * @param vocabularySize of the model, for random tokens
 */
record Workload(
        int users,
        int requests,
        double rate,
        TokenRange promptTokens,
        TokenRange outputTokens,
        long seed,
        double maxSeconds,
        int vocabularySize) {

    /** The rate of users who wait for their answers. */
    static final double CLOSED_LOOP = 0;

    /**
     * A request and when it comes.
     *
     * @param request what is asked for
     * @param arrivalNanos when, counted from the start; 0 in a closed loop, where the user decides
     */
    record Item(GenerationRequest request, long arrivalNanos) {}

    boolean isClosedLoop() {
        return rate == CLOSED_LOOP;
    }

    /** All requests in the order they come. */
    List<Item> items() {
        SplittableRandom random = new SplittableRandom(seed);
        List<Item> items = new ArrayList<>(requests);
        double seconds = 0;
        for (int i = 0; i < requests; i++) {
            // Gaps between the events of a Poisson process are exponential.
            seconds += isClosedLoop() ? 0 : -Math.log(1 - random.nextDouble()) / rate;
            items.add(new Item(request(random), (long) (seconds * 1e9)));
        }
        return items;
    }

    /** Requests of the same kind to warm up with, one per user. */
    List<GenerationRequest> warmUp() {
        SplittableRandom random = new SplittableRandom(seed + 1);
        List<GenerationRequest> list = new ArrayList<>();
        for (int i = 0; i < users; i++) {
            list.add(request(random));
        }
        return list;
    }

    private GenerationRequest request(SplittableRandom random) {
        int[] prompt = random.ints(promptTokens.draw(random), 0, vocabularySize).toArray();
        return GenerationRequest.builder(prompt)
                .sampling(SamplingParams.greedy())
                .stop(StopConditions.builder()
                        .maxTokens(outputTokens.draw(random))
                        .ignoreEos(true)
                        .build())
                .build();
    }
}
