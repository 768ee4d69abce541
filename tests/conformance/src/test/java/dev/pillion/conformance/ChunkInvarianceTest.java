package dev.pillion.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pillion.Engine;
import dev.pillion.EngineOptions;
import dev.pillion.GenerationRequest;
import dev.pillion.GenerationResult;
import dev.pillion.sampling.SamplingParams;
import dev.pillion.spi.BackendOptions;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A token's logits do not depend on how the tokens before it were fed: bit for bit, for both sets of CPU kernels. */
class ChunkInvarianceTest {
    private static final int TOKENS = 150;

    static Stream<Path> models() {
        Path goldens = TestData.path("data/models/goldens");
        return Stream.of(
                TestData.path("demo-model/demo-f32.gguf"),
                TestData.source("runtime/cli/src/main/resources/dev/pillion/cli/demo.gguf"),
                TestData.path("demo-model/variants/demo-Q4_K_M.gguf"),
                TestData.path("demo-model/variants/demo-F16.gguf"),
                goldens.resolve("mistral_swa"),
                goldens.resolve("qwen3"));
    }

    @ParameterizedTest
    @MethodSource("models")
    void chunksOfAnySizeGiveTheSameLogits(Path model) {
        for (boolean scalar : new boolean[] {false, true}) {
            float[][] whole = logits(model, scalar, TOKENS);
            for (int chunk : new int[] {1, 7, 64}) {
                float[][] chunked = logits(model, scalar, chunk);
                for (int i = 0; i < TOKENS; i++) {
                    assertThat(chunked[i]).as("chunks of %d, token %d, scalar %s", chunk, i, scalar).isEqualTo(whole[i]);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void aPrefixHitGivesTheSameLogits(Path model) {
        try (Engine engine = Engine.open(model, options(false, 64))) {
            int[] tokens = tokens(engine);
            GenerationResult cold = engine.generate(request(tokens));
            GenerationResult warm = engine.generate(request(tokens));
            assertThat(cold.cachedTokens()).isZero();
            assertThat(warm.cachedTokens()).isEqualTo((TOKENS - 1) / 16 * 16);
            assertThat(warm.completions()).isEqualTo(cold.completions());
        }
    }

    private static GenerationRequest request(int[] tokens) {
        return GenerationRequest.builder(tokens)
                .sampling(SamplingParams.builder().greedy().logprobs(20).build())
                .maxTokens(12)
                .build();
    }

    private static float[][] logits(Path model, boolean scalar, int chunk) {
        try (Engine engine = Engine.open(model, options(scalar, chunk))) {
            int[] tokens = tokens(engine);
            float[][] result = engine.logits(tokens, true);
            assertThat(result[TOKENS - 1]).isEqualTo(engine.logits(tokens, false)[0]);
            return result;
        }
    }

    private static EngineOptions options(boolean scalar, int chunk) {
        return EngineOptions.builder()
                .device(new BackendOptions(2, 0, scalar))
                .maxSequences(Math.max(chunk, 1))
                .chunkTokens(chunk)
                .build();
    }

    private static int[] tokens(Engine engine) {
        SplittableRandom random = new SplittableRandom(7);
        int vocabulary = engine.description().vocabularySize();
        return Arrays.stream(new int[TOKENS]).map(ignored -> 5 + random.nextInt(vocabulary - 5)).toArray();
    }
}
