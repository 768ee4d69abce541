package dev.pillion.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.pillion.Engine;
import dev.pillion.EngineOptions;
import dev.pillion.GenerationRequest;
import dev.pillion.sampling.StopConditions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Tiny models of each supported family against Hugging Face transformers: logits within 1e-3 relative L2, greedy tokens
 * equal wherever the reference is not a near tie; and the quantised files against the same network with dequantised
 * weights.
 */
class GoldenModelsTest {
    private static final double TOLERANCE = 1e-3;

    private static final List<String> MODELS = List.of(
            "llama_untied",
            "llama_k256",
            "llama_tied_mqa",
            "llama_linear_rope",
            "llama3_rope",
            "mistral_swa",
            "qwen2_tied",
            "qwen2_k256",
            "qwen3");

    private static final List<String> QUANTISED = List.of("llama_k256", "qwen2_k256");
    private static final List<String> TYPES = List.of("Q4_0", "Q4_K_M", "Q5_K_M", "Q6_K", "Q8_0");

    @TestFactory
    Stream<DynamicTest> safetensorsAndGguf() {
        Path goldens = TestData.path("data/models/goldens");
        List<DynamicTest> tests = new ArrayList<>();
        for (String name : MODELS) {
            Path golden = goldens.resolve(name).resolve("golden.json");
            for (Path model : containers(goldens.resolve(name))) {
                tests.add(dynamicTest(name + " " + goldens.resolve(name).relativize(model), () -> check(model, golden)));
            }
        }
        return tests.stream();
    }

    @TestFactory
    Stream<DynamicTest> quantised() {
        Path goldens = TestData.path("data/models/goldens");
        return QUANTISED.stream().flatMap(name -> TYPES.stream().map(type -> {
            Path folder = goldens.resolve(name);
            Path golden = folder.resolve("golden." + type + ".json");
            return dynamicTest(name + " " + type, () -> check(folder.resolve("model." + type + ".gguf"), golden));
        }));
    }

    /** The folder itself, copies of the weights in folders within, and GGUF files that hold the weights unrounded. */
    private static List<Path> containers(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(path -> Files.isRegularFile(path.resolve("config.json"))
                            || path.getFileName().toString().matches("model\\.(f32|bf16|f16)\\.gguf"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void check(Path model, Path goldenFile) {
        EngineOptions options = EngineOptions.builder().maxSequences(4).build();
        try (Engine engine = Engine.open(model, options)) {
            for (Golden golden : Golden.read(goldenFile)) {
                String what = model.getFileName() + ", prompt of " + golden.ids().length;
                float[] logits = engine.logits(golden.ids(), false)[0];
                assertThat(Compare.relativeL2(logits, golden.logits())).as(what).isLessThan(TOLERANCE);
                if (Files.isDirectory(model) && !Files.exists(model.resolve("tokenizer.json"))) {
                    continue; // a copy of the weights alone
                }
                int steps = golden.greedyIds().length;
                GenerationRequest request = GenerationRequest.builder(golden.ids())
                        .stop(StopConditions.builder().maxTokens(steps).ignoreEos(true).build())
                        .build();
                Compare.greedy(what, engine.generate(request).tokens(), golden.greedyIds(), golden.greedyMargins());
            }
        }
    }
}
