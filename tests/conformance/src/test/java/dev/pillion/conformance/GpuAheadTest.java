package dev.pillion.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pillion.Engine;
import dev.pillion.EngineOptions;
import dev.pillion.Generation;
import dev.pillion.GenerationRequest;
import dev.pillion.metrics.Counter;
import dev.pillion.metrics.EngineMetrics;
import dev.pillion.model.TensorType;
import dev.pillion.sampling.SamplingParams;
import dev.pillion.sampling.StopConditions;
import dev.pillion.spi.BackendOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Steps planned while others run, on the CUDA backend: the answers are those of an engine that waits for each step. */
class GpuAheadTest {
    private static final String MODEL = "data/models/stories260K/gguf/stories260K-F32.gguf";
    private static final int VOCABULARY = 512;
    private static final int REQUESTS = 12;
    private static final long SEED = Long.getLong("pillion.test.seed", 20_261_121L);
    private static final List<GenerationRequest> REQUESTED = requests(new SplittableRandom(SEED));

    private static final List<List<Integer>> EXPECTED = new ArrayList<>();

    private static EngineOptions.Builder options() {
        return EngineOptions.builder()
                .backend(GpuEngines.backend())
                .device(BackendOptions.defaults().withCompute(TensorType.F32))
                .contextTokens(96)
                .maxSequences(6)
                .chunkTokens(12)
                .kvBytes(1 << 20);
    }

    @BeforeAll
    static void askAnEngineThatWaits() {
        EngineMetrics.Snapshot waiting = run(options().planAhead(false), EXPECTED);
        assertThat(waiting.get(Counter.AHEAD_STEPS)).isZero();
        assertThat(waiting.get(Counter.TOKENS_WASTED)).isZero();
    }

    @Test
    void answersAreThoseOfAnEngineThatWaitsForEachStep() {
        List<List<Integer>> answers = new ArrayList<>();
        EngineMetrics.Snapshot ahead = run(options(), answers);
        assertThat(answers).as("seed %d", SEED).isEqualTo(EXPECTED);
        assertThat(ahead.get(Counter.AHEAD_STEPS)).isGreaterThan(ahead.get(Counter.STEPS) / 2);
        assertThat(ahead.get(Counter.TOKENS_WASTED)).as("sequences that a token ended").isPositive();
        assertThat(ahead.get(Counter.AHEAD_HIDDEN_TIME)).isPositive();
        assertThat(ahead.get(Counter.PREFIX_HIT_TOKENS)).isPositive();
        assertThat(ahead.get(Counter.TOKENS_PREFILL)).as("chunked prompts").isGreaterThan(REQUESTS);
    }

    /** Callers leave while a step that computes for them runs and the next is planned; the others do not notice. */
    @Test
    void cancellingWhileStepsAreInFlightHurtsNobody() {
        try (Engine engine = Engine.open(TestData.path(MODEL), options().build())) {
            List<Generation> generations = REQUESTED.stream().map(engine::submit).toList();
            for (int i = 0; i < REQUESTS; i += 3) {
                generations.get(i).next();
                generations.get(i).cancel();
            }
            for (int i = 0; i < REQUESTS; i++) {
                List<Integer> tokens = generations.get(i).result().tokens();
                if (i % 3 == 0) {
                    assertThat(EXPECTED.get(i)).as("request %d, seed %d", i, SEED).startsWith(tokens.toArray(Integer[]::new));
                } else {
                    assertThat(tokens).as("request %d, seed %d", i, SEED).isEqualTo(EXPECTED.get(i));
                }
            }
            EngineMetrics.Snapshot metrics = engine.metrics().snapshot();
            assertThat(metrics.get(Counter.AHEAD_STEPS)).isPositive();
            assertThat(metrics.get(Counter.REQUESTS_CANCELLED)).isPositive();
        }
    }

    private static EngineMetrics.Snapshot run(EngineOptions.Builder options, List<List<Integer>> answers) {
        try (Engine engine = Engine.open(TestData.path(MODEL), options.build())) {
            List<Generation> generations = REQUESTED.stream().map(engine::submit).toList();
            generations.forEach(generation -> answers.add(generation.result().tokens()));
            return engine.metrics().snapshot();
        }
    }

    /** Short and long prompts that often begin alike; greedy and drawn; ended by a common token, a string or the limit. */
    private static List<GenerationRequest> requests(SplittableRandom random) {
        int[] stem = random.ints(20, 3, VOCABULARY).toArray();
        List<GenerationRequest> requests = new ArrayList<>();
        for (int i = 0; i < REQUESTS; i++) {
            int[] prompt = random.ints(1 + random.nextInt(35), 3, VOCABULARY).toArray();
            int shared = random.nextBoolean() ? Math.min(stem.length, prompt.length) : 0;
            System.arraycopy(stem, 0, prompt, 0, shared);
            StopConditions.Builder stop = StopConditions.builder().maxTokens(1 + random.nextInt(12));
            if (random.nextBoolean()) {
                stop.stopStrings("e", "th");
            } else {
                stop.ignoreEos(true);
            }
            SamplingParams.Builder sampling = SamplingParams.builder();
            if (random.nextInt(3) == 0) {
                sampling.seed(random.nextLong()).temperature(0.8).topK(20);
            } else {
                sampling.greedy();
            }
            requests.add(GenerationRequest.builder(prompt).sampling(sampling.build()).stop(stop.build()).build());
        }
        return requests;
    }
}
