package dev.pillion.conformance;

import dev.pillion.Engine;
import dev.pillion.EngineOptions;
import dev.pillion.Generation;
import dev.pillion.GenerationRequest;
import dev.pillion.GenerationResult;
import dev.pillion.MemoryPlan;
import dev.pillion.model.Model;
import dev.pillion.sampling.SamplingParams;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Requests of all sizes, many at once, some with a common prefix, some with several samples. */
final class MetricsWorkload {
    private static final long SEED = Long.getLong("pillion.test.seed", 20260721L);
    private static final int FIRST_WORD = 5;
    private static final int WORDS = 200;

    private MetricsWorkload() {}

    /** Runs requests and waits for all of them. */
    static List<GenerationResult> run(Engine engine, int requests, int mostSamples) {
        SplittableRandom random = new SplittableRandom(SEED);
        List<Generation> generations = new ArrayList<>();
        for (int i = 0; i < requests; i++) {
            generations.add(engine.submit(
                    request(1 + random.nextInt(100), 1 + random.nextInt(40), 1 + random.nextInt(mostSamples))));
        }
        return generations.stream().map(Generation::result).toList();
    }

    /** A request; prompts are the beginnings of one long text, so they share prefixes. */
    static GenerationRequest request(int promptTokens, int maxTokens, int samples) {
        SplittableRandom text = new SplittableRandom(SEED + 1);
        int[] prompt = new int[promptTokens];
        for (int i = 0; i < promptTokens; i++) {
            prompt[i] = FIRST_WORD + text.nextInt(WORDS);
        }
        return GenerationRequest.builder(prompt)
                .sampling(SamplingParams.builder().seed(SEED + promptTokens).build())
                .maxTokens(maxTokens)
                .samples(samples)
                .build();
    }

    /** Options for so few KV blocks that sequences lose theirs to others. */
    static EngineOptions.Builder tinyPool(Path model) {
        EngineOptions.Builder options =
                EngineOptions.builder().maxSequences(8).chunkTokens(32).contextTokens(144).kvBlockTokens(8);
        try (Model opened = Model.open(model)) {
            long block = MemoryPlan.of(opened, options.build()).kvBlockBytes();
            return options.kvBytes(block * 22);
        }
    }
}
