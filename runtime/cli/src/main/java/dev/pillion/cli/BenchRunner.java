package dev.pillion.cli;

import dev.pillion.Engine;
import dev.pillion.Generation;
import dev.pillion.GenerationRequest;
import dev.pillion.metrics.Distribution;
import dev.pillion.metrics.EngineMetrics;
import dev.pillion.metrics.Histogram;
import dev.pillion.sampling.SamplingParams;
import dev.pillion.sampling.StopConditions;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Runs tests. Prompts are random tokens, new ones each time; the end of a text is passed over so that every sequence
 * has the length asked for.
 *
 * <p>What is timed is the whole of a run, from the first submission to the last token. Computing a prompt of n tokens
 * yields the first generated token, so a prompt-only run generates that one token. A generation-only run starts from a
 * prompt of one token: computing it costs what a decode costs, so n generated tokens are n decode steps.
 */
final class BenchRunner {
    private static final long SEED = 42;
    private static final double NANOS_PER_MICRO = 1e3;

    private final Engine engine;
    private final SplittableRandom random = new SplittableRandom(SEED);

    BenchRunner(Engine engine) {
        this.engine = engine;
    }

    /**
     * What a run gave.
     *
     * @param tokensPerSecond all tokens over the whole time
     * @param hostMicrosPerStep mean time of a step that the engine's thread spent on anything but waiting for the device
     */
    record Run(double tokensPerSecond, double hostMicrosPerStep) {}

    /** One run. */
    Run run(BenchTest test) {
        EngineMetrics.Snapshot before = engine.metrics().snapshot();
        double rate = tokensPerSecond(test);
        EngineMetrics.Snapshot after = engine.metrics().snapshot();
        Histogram steps = after.get(Distribution.STEP_TIME).since(before.get(Distribution.STEP_TIME));
        Histogram waits = after.get(Distribution.STEP_WAIT_TIME).since(before.get(Distribution.STEP_WAIT_TIME));
        return new Run(rate, (steps.sum() - waits.sum()) / NANOS_PER_MICRO / Math.max(1, steps.count()));
    }

    private double tokensPerSecond(BenchTest test) {
        List<GenerationRequest> requests = new ArrayList<>();
        for (int i = 0; i < test.batch(); i++) {
            requests.add(request(test));
        }
        List<Generation> generations = new ArrayList<>();
        long start = System.nanoTime();
        try {
            requests.forEach(request -> generations.add(engine.submit(request)));
            generations.forEach(Generation::result);
        } finally {
            generations.forEach(Generation::close);
        }
        return test.tokens() / ((System.nanoTime() - start) / 1e9);
    }

    private GenerationRequest request(BenchTest test) {
        int vocabulary = engine.description().vocabularySize();
        int[] prompt = random.ints(Math.max(1, test.promptTokens()), 0, vocabulary).toArray();
        return GenerationRequest.builder(prompt)
                .sampling(SamplingParams.greedy())
                .stop(StopConditions.builder()
                        .maxTokens(Math.max(1, test.generatedTokens()))
                        .ignoreEos(true)
                        .build())
                .build();
    }
}
