package dev.pillion.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pillion.Engine;
import dev.pillion.EngineOptions;
import dev.pillion.GenerationRequest;
import dev.pillion.model.Model;
import dev.pillion.model.TensorType;
import dev.pillion.model.tokenizer.EncodeOptions;
import dev.pillion.sampling.StopConditions;
import dev.pillion.spi.BackendOptions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/**
 * Greedy answers of the GPU under test beside those of the CPU backend.
 *
 * @param model opens the model; each engine gets one of its own
 * @param compute type of activations on the GPU
 * @param nearTie gap of the two best logits below which the other token may be chosen
 * @param tokens to generate after each prompt
 */
record GpuAnswers(Supplier<Model> model, TensorType compute, double nearTie, int tokens) {
    private static final long KV_BYTES = 32 << 20;
    private static final List<String> PROMPTS =
            List.of("Once upon a time,", "12+35=", "reverse: fox moon kite ->", "copy: k q z ->");

    /** All prompts at once on the GPU, which makes chunks, mixed batches and graphs of several sizes. */
    void check() {
        EngineOptions.Builder cpu = options().backend("cpu");
        EngineOptions.Builder gpu = options()
                .backend(GpuEngines.backend())
                .device(BackendOptions.defaults().withCompute(compute));
        int compared = 0;
        try (Engine reference = Engine.open(model.get(), cpu.build());
                Engine engine = Engine.open(model.get(), gpu.build())) {
            assertThat(engine.backendReport()).contains(compute + " activations");
            assertThat(engine.backendReport().contains("virtual GPU"))
                    .as("runs on the virtual GPU: %s", engine.backendReport())
                    .isEqualTo(GpuEngines.backend().equals("virtual-gpu"));
            List<List<Integer>> answers = answers(engine, reference);
            for (int i = 0; i < PROMPTS.size(); i++) {
                compared += compare(reference, PROMPTS.get(i), answers.get(i));
            }
        }
        assertThat(compared).as("greedy steps compared").isGreaterThan(PROMPTS.size() * tokens / 4);
    }

    private static EngineOptions.Builder options() {
        return EngineOptions.builder().contextTokens(128).maxSequences(8).chunkTokens(16).kvBytes(KV_BYTES);
    }

    private List<List<Integer>> answers(Engine engine, Engine reference) {
        List<GenerationRequest> requests = new ArrayList<>();
        for (String prompt : PROMPTS) {
            requests.add(request(encode(reference, prompt)));
        }
        return requests.stream().map(engine::submit).toList().stream()
                .map(generation -> generation.result().tokens())
                .toList();
    }

    private int compare(Engine reference, String prompt, List<Integer> answer) {
        int[] prefix = encode(reference, prompt);
        int[] expected = reference.generate(request(prefix)).tokens().stream().mapToInt(Integer::intValue).toArray();
        int[] all = Arrays.copyOf(prefix, prefix.length + expected.length);
        System.arraycopy(expected, 0, all, prefix.length, expected.length);
        float[][] logits = reference.logits(all, true);
        double[] margins = new double[expected.length];
        for (int i = 0; i < expected.length; i++) {
            margins[i] = margin(logits[prefix.length + i - 1]);
        }
        return Compare.greedy(prompt, answer, expected, margins, nearTie);
    }

    private static int[] encode(Engine engine, String prompt) {
        return engine.tokenizer().encode(prompt, new EncodeOptions(true, true));
    }

    private GenerationRequest request(int[] prompt) {
        return GenerationRequest.builder(prompt)
                .stop(StopConditions.builder().maxTokens(tokens).build())
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
