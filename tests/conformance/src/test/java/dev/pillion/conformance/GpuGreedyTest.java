package dev.pillion.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pillion.Engine;
import dev.pillion.EngineOptions;
import dev.pillion.GenerationRequest;
import dev.pillion.model.TensorType;
import dev.pillion.model.tokenizer.EncodeOptions;
import dev.pillion.sampling.StopConditions;
import dev.pillion.spi.BackendOptions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The whole CUDA backend against the CPU backend: what an engine says must be the same, near ties aside. */
class GpuGreedyTest {
    private static final int TOKENS = 20;
    private static final long KV_BYTES = 32 << 20;
    private static final List<String> PROMPTS =
            List.of("Once upon a time,", "12+35=", "reverse: fox moon kite ->", "copy: k q z ->");

    @ParameterizedTest
    @CsvSource({
        "demo-model/demo-f32.gguf, F32, 0.001",
        "demo-model/variants/demo-F16.gguf, F32, 0.001",
        "demo-model/demo.gguf, F32, 0.001",
        "demo-model/variants/demo-Q4_0.gguf, F32, 0.001",
        "demo-model/variants/demo-Q4_K_M.gguf, F32, 0.001",
        "demo-model/variants/demo-Q6_K.gguf, F32, 0.001",
        "demo-model/variants/demo-F16.gguf, F16, 0.05",
        "demo-model/demo.gguf, F16, 0.05",
        "demo-model/variants/demo-Q4_0.gguf, F16, 0.05",
        "demo-model/variants/demo-Q4_K_M.gguf, F16, 0.05",
        "demo-model/demo.gguf, BF16, 0.5",
        "demo-model/variants/demo-Q4_K_M.gguf, BF16, 0.5",
        "data/models/stories260K/gguf/stories260K-F32.gguf, F32, 0.001",
        "data/models/stories260K/gguf/stories260K-F32.gguf, F16, 0.05",
    })
    void saysWhatTheCpuSays(String model, TensorType compute, double nearTie) {
        EngineOptions.Builder cpu = options().backend("cpu");
        EngineOptions.Builder gpu = options()
                .backend(GpuEngines.backend())
                .device(BackendOptions.defaults().withCompute(compute));
        int compared = 0;
        try (Engine reference = Engine.open(TestData.path(model), cpu.build());
                Engine engine = Engine.open(TestData.path(model), gpu.build())) {
            assertThat(engine.backendReport()).contains(compute + " activations");
            List<List<Integer>> answers = answers(engine, reference);
            for (int i = 0; i < PROMPTS.size(); i++) {
                compared += compare(reference, PROMPTS.get(i), answers.get(i), nearTie);
            }
        }
        assertThat(compared).as("greedy steps compared").isGreaterThan(PROMPTS.size() * TOKENS / 4);
    }

    private static EngineOptions.Builder options() {
        return EngineOptions.builder().contextTokens(128).maxSequences(8).chunkTokens(16).kvBytes(KV_BYTES);
    }

    /** All prompts at once: chunks, mixed batches, graphs of several sizes. */
    private static List<List<Integer>> answers(Engine engine, Engine reference) {
        List<GenerationRequest> requests = new ArrayList<>();
        for (String prompt : PROMPTS) {
            requests.add(request(encode(reference, prompt)));
        }
        return requests.stream().map(engine::submit).toList().stream()
                .map(generation -> generation.result().tokens())
                .toList();
    }

    private static int compare(Engine reference, String prompt, List<Integer> answer, double nearTie) {
        int[] tokens = encode(reference, prompt);
        int[] expected = reference.generate(request(tokens)).tokens().stream().mapToInt(Integer::intValue).toArray();
        int[] all = Arrays.copyOf(tokens, tokens.length + expected.length);
        System.arraycopy(expected, 0, all, tokens.length, expected.length);
        float[][] logits = reference.logits(all, true);
        double[] margins = new double[expected.length];
        for (int i = 0; i < expected.length; i++) {
            margins[i] = margin(logits[tokens.length + i - 1]);
        }
        return Compare.greedy(prompt, answer, expected, margins, nearTie);
    }

    private static int[] encode(Engine engine, String prompt) {
        return engine.tokenizer().encode(prompt, new EncodeOptions(true, true));
    }

    private static GenerationRequest request(int[] prompt) {
        return GenerationRequest.builder(prompt)
                .stop(StopConditions.builder().maxTokens(TOKENS).build())
                .build();
    }

    /** Distance of the two highest logits. */
    private static double margin(float[] row) {
        float first = Float.NEGATIVE_INFINITY;
        float second = Float.NEGATIVE_INFINITY;
        for (float logit : row) {
            if (logit > first) {
                second = first;
                first = logit;
            } else if (logit > second) {
                second = logit;
            }
        }
        return first - second;
    }
}
