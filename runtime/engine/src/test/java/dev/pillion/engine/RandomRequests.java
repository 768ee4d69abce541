package dev.pillion.engine;

import dev.pillion.EngineOptions;
import dev.pillion.GenerationRequest;
import dev.pillion.sampling.SamplingParams;
import dev.pillion.sampling.StopConditions;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/** Makes requests of every kind, many of which begin alike. */
final class RandomRequests {
    private static final List<String> STOP_STRINGS = List.of("t1", "7t", "t12t", "0t6", "t33", "9");

    private final SplittableRandom random;
    private final EngineOptions options;
    private final int[][] stems = new int[3][];

    RandomRequests(SplittableRandom random, EngineOptions options) {
        this.random = random;
        this.options = options;
        for (int i = 0; i < stems.length; i++) {
            stems[i] = random.ints(options.contextTokens(), 0, FakeFunction.VOCABULARY).toArray();
            stems[i][0] = 10 + i;
        }
    }

    /** A prompt with room for at least one token behind it. */
    int[] prompt() {
        int length = 1 + random.nextInt(options.contextTokens() - 1);
        int[] prompt = random.ints(length, 0, FakeFunction.VOCABULARY).toArray();
        int shared = random.nextInt(4) == 0 ? 0 : random.nextInt(length + 1);
        System.arraycopy(stems[random.nextInt(stems.length)], 0, prompt, 0, shared);
        if (random.nextInt(12) == 0) {
            prompt[0] = FakeFunction.FRAGILE_START;
        }
        return prompt;
    }

    GenerationRequest next() {
        GenerationRequest.Builder builder = GenerationRequest.builder(prompt())
                .sampling(sampling())
                .stop(stop())
                .priority(random.nextInt(3))
                .cacheSalt(random.nextInt(5) == 0 ? "other" : "");
        if (random.nextInt(4) == 0) {
            builder.samples(1 + random.nextInt(options.maxSequences()));
        }
        if (random.nextInt(3) == 0) {
            builder.deadline(Duration.ofNanos(random.nextInt(1_000_000)));
        }
        return builder.build();
    }

    private SamplingParams sampling() {
        SamplingParams.Builder builder = SamplingParams.builder().seed(random.nextLong());
        return switch (random.nextInt(4)) {
            case 0 -> builder.temperature(0.5 + random.nextDouble()).topK(1 + random.nextInt(20)).build();
            case 1 -> builder.repetitionPenalty(1.2).temperature(1.5).topP(0.9).build();
            default -> builder.greedy().build();
        };
    }

    private StopConditions stop() {
        int maxTokens = random.nextInt(6) == 0 ? StopConditions.UNLIMITED : 1 + random.nextInt(14);
        StopConditions.Builder builder = StopConditions.builder()
                .maxTokens(maxTokens)
                .ignoreEos(random.nextInt(4) == 0)
                .includeStopString(random.nextBoolean());
        if (random.nextInt(3) == 0) {
            builder.minTokens(random.nextInt(Math.min(maxTokens, 6) + 1));
        }
        if (random.nextInt(3) == 0) {
            builder.stopStrings(
                    STOP_STRINGS.get(random.nextInt(STOP_STRINGS.size())), STOP_STRINGS.get(random.nextInt(3)));
        }
        if (random.nextInt(4) == 0) {
            builder.stopTokenIds(Set.of(random.nextInt(40), 40));
        }
        return builder.build();
    }
}
