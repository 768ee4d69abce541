package dev.pillion.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pillion.Completion;
import dev.pillion.Engine;
import dev.pillion.EngineOptions;
import dev.pillion.Generation;
import dev.pillion.GenerationRequest;
import dev.pillion.GenerationResult;
import dev.pillion.metrics.Counter;
import dev.pillion.metrics.EngineMetrics;
import dev.pillion.sampling.SamplingParams;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What a request generates does not depend on how it is scheduled: alone, batched with 63 others, chunked at any size, after
 * a prefix hit, preempted and recomputed, offloaded to host memory and fetched, forked, or in an offline run. Compared are
 * the tokens and, since equal tokens may hide unequal logits, the bits of the log-probabilities.
 */
class GreedyEqualityTest {
    private static final int SCHEDULES_PER_MODEL = 500;
    private static final int PROMPTS = 64;
    private static final int LONGEST_PROMPT = 80;
    private static final int LONGEST_ANSWER = 24;
    private static final int BLOCK_TOKENS = 8;

    private static final List<Counter> PATHS = List.of(
            Counter.PREEMPTIONS,
            Counter.TOKENS_RECOMPUTED,
            Counter.PREFIX_HIT_TOKENS,
            Counter.FORKS,
            Counter.KV_COPIED_BLOCKS,
            Counter.KV_OFFLOADED_BLOCKS,
            Counter.KV_FETCHED_BLOCKS,
            Counter.OVERTAKES);

    static Stream<Path> models() {
        return Stream.of(
                TestData.source("runtime/cli/src/main/resources/dev/pillion/cli/demo.gguf"),
                TestData.path("data/models/stories260K/gguf/stories260K-F32.gguf"));
    }

    @ParameterizedTest
    @MethodSource("models")
    void everyScheduleGivesTheSameBits(Path model) {
        long seed = Long.getLong("pillion.test.seed", 20261121);
        List<GenerationRequest> requests;
        List<Completion> alone;
        try (Engine engine = Engine.open(model, EngineOptions.builder().maxSequences(1).prefixCache(false).build())) {
            requests = requests(new Random(seed), engine.description().vocabularySize());
            alone = requests.stream().map(request -> engine.generate(request).completions().getFirst()).toList();
        }
        Tally tally = new Tally();
        for (int i = 0; i < SCHEDULES_PER_MODEL; i++) {
            Random random = new Random(seed * 1_000_003 + i);
            EngineOptions options = options(random, model, i);
            String what = model.getFileName() + ", schedule " + i + " of seed " + seed + ", " + options;
            try (Engine engine = Engine.open(model, options)) {
                runSchedule(engine, requests, alone, random, i, what);
                tally.add(engine);
            }
        }
        tally.check();
    }

    private static void runSchedule(
            Engine engine, List<GenerationRequest> requests, List<Completion> alone, Random random, int schedule, String what) {
        int count = schedule % 10 == 0 ? PROMPTS : 1 + random.nextInt(12);
        List<Integer> chosen = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            chosen.add(schedule % 10 == 0 ? i : random.nextInt(PROMPTS));
        }
        Collections.shuffle(chosen, random);
        if (random.nextInt(4) == 0) {
            List<GenerationResult> results =
                    engine.generateAll(chosen.stream().map(requests::get).toList());
            for (int i = 0; i < count; i++) {
                check(results.get(i), alone.get(chosen.get(i)), what + ", offline, prompt " + chosen.get(i));
            }
            return;
        }
        List<Generation> generations = new ArrayList<>();
        for (int prompt : chosen) {
            generations.add(engine.submit(forked(requests.get(prompt), random, engine)));
            if (random.nextInt(8) == 0) {
                generations.get(random.nextInt(generations.size())).result();
            }
        }
        for (int i = 0; i < count; i++) {
            check(generations.get(i).result(), alone.get(chosen.get(i)), what + ", prompt " + chosen.get(i));
        }
    }

    private static void check(GenerationResult result, Completion alone, String what) {
        for (Completion completion : result.completions()) {
            assertThat(completion).as(what).isEqualTo(alone);
        }
    }

    /** Greedy samples of one prompt are all alike, so several of them check forking. */
    private static GenerationRequest forked(GenerationRequest request, Random random, Engine engine) {
        int most = random.nextInt(4) == 0 ? 3 : 1;
        int samples = Math.min(most, engine.memoryPlan().kvTokens() < 400 ? 1 : most);
        GenerationRequest.Prompt.Tokens prompt = (GenerationRequest.Prompt.Tokens) request.prompt();
        return GenerationRequest.builder(prompt.ids())
                .sampling(request.sampling())
                .stop(request.stop())
                .samples(samples)
                .priority(random.nextInt(3))
                .cacheSalt(random.nextInt(5) == 0 ? "tenant" : "")
                .build();
    }

    private static EngineOptions options(Random random, Path model, int schedule) {
        boolean crowd = schedule % 10 == 0;
        int sequences = crowd ? 64 : 3 + random.nextInt(14);
        String[] planners = {"sarathi", "sarathi", "sarathi", "prefill-first", "orca", "static"};
        String[] policies = {"fcfs", "priority", "deadline", "shortest", "prefix"};
        long tokenBytes = model.toString().contains("stories") ? 2 * 5 * 4 * 8 * 4 : 2 * 4 * 4 * 32 * 4;
        long tightTokens = LONGEST_PROMPT + LONGEST_ANSWER + BLOCK_TOKENS + random.nextInt(200);
        return EngineOptions.builder()
                .maxSequences(sequences)
                .chunkTokens(random.nextBoolean() ? sequences + random.nextInt(8) : sequences + random.nextInt(300))
                .contextTokens(LONGEST_PROMPT + LONGEST_ANSWER)
                .kvBlockTokens(BLOCK_TOKENS)
                .kvBytes(crowd || random.nextInt(3) == 0 ? 0 : tightTokens * tokenBytes)
                .hostKvBytes(random.nextBoolean() ? 0 : 400 * tokenBytes)
                .prefixCache(random.nextInt(4) != 0)
                .scheduling(planners[random.nextInt(planners.length)])
                .queuePolicy(policies[random.nextInt(policies.length)])
                .build();
    }

    /** Prompts of random tokens, half of which begin like another one. */
    private static List<GenerationRequest> requests(Random random, int vocabulary) {
        List<int[]> prompts = new ArrayList<>();
        for (int i = 0; i < PROMPTS; i++) {
            int[] prompt = new int[1 + random.nextInt(LONGEST_PROMPT)];
            for (int t = 0; t < prompt.length; t++) {
                prompt[t] = 5 + random.nextInt(vocabulary - 5);
            }
            if (i > 0 && random.nextBoolean()) {
                int[] other = prompts.get(random.nextInt(i));
                System.arraycopy(other, 0, prompt, 0, random.nextInt(Math.min(other.length, prompt.length) + 1));
            }
            prompts.add(prompt);
        }
        return prompts.stream()
                .map(prompt -> GenerationRequest.builder(prompt)
                        .sampling(SamplingParams.builder().greedy().logprobs(2).build())
                        .maxTokens(1 + random.nextInt(LONGEST_ANSWER))
                        .build())
                .toList();
    }

    /** How often the paths came up that the comparison is about: equality proves nothing about a path nobody took. */
    private static final class Tally {
        private final Map<Counter, Long> counts = new EnumMap<>(Counter.class);

        void add(Engine engine) {
            EngineMetrics.Snapshot snapshot = engine.metrics().snapshot();
            PATHS.forEach(path -> counts.merge(path, snapshot.get(path), Long::sum));
        }

        void check() {
            for (Counter path : PATHS) {
                assertThat(counts.get(path)).as("%s over all schedules", path).isGreaterThan(100);
            }
        }
    }
}
