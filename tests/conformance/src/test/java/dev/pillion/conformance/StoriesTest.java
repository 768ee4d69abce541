package dev.pillion.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.pillion.Engine;
import dev.pillion.EngineOptions;
import dev.pillion.GenerationRequest;
import dev.pillion.GenerationResult;
import dev.pillion.model.json.Json;
import dev.pillion.sampling.StopConditions;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A real trained model of 260 thousand parameters: known text, logits of an independent float64 forward pass. */
class StoriesTest {
    private static final String FOLDER = "data/models/stories260K/";
    private static final double LOGIT_TOLERANCE = 1e-4;

    @Test
    void greedyTextEqualsTheRecordedOne() {
        String expected = (String) Json.parseObject(TestData.path(FOLDER + "golden-text.json")).get("text");
        try (Engine engine = open("F32")) {
            GenerationResult result = engine.generate(GenerationRequest.builder(new int[] {1})
                    .stop(StopConditions.builder().maxTokens(200).ignoreEos(true).build())
                    .build());
            assertThat(result.text().strip()).startsWith(expected);
        }
    }

    @Test
    void logitsAndGreedyIdsEqualTheIndependentForwardPass() {
        Object cases = Json.parseObject(TestData.path(FOLDER + "golden-numpy.json")).get("cases");
        try (Engine engine = open("F32")) {
            for (Object entry : (List<?>) cases) {
                check(engine, (Map<?, ?>) entry);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"F16", "Q8_0", "Q4_0", "Q4_1", "Q5_0", "Q5_1"})
    void everyQuantisedFileGenerates(String type) {
        try (Engine engine = open(type)) {
            GenerationResult result =
                    engine.generate(GenerationRequest.builder("Once upon a time").maxTokens(100).build());
            assertThat(result.text()).startsWith(", there was a");
            assertThat(result.generatedTokens()).isEqualTo(100);
        }
    }

    private static void check(Engine engine, Map<?, ?> entry) {
        int[] prompt = Golden.ints(entry.get("prompt_ids"));
        float[] logits = engine.logits(prompt, false)[0];
        double[] first = Golden.doubles(entry.get("last_logits_first16"));
        for (int i = 0; i < first.length; i++) {
            assertThat((double) logits[i]).as("logit %d", i).isCloseTo(first[i], within(LOGIT_TOLERANCE));
        }
        for (Object top : (List<?>) entry.get("top10")) {
            int id = ((Number) ((List<?>) top).get(0)).intValue();
            double expected = ((Number) ((List<?>) top).get(1)).doubleValue();
            assertThat((double) logits[id]).as("logit %d", id).isCloseTo(expected, within(LOGIT_TOLERANCE));
        }
        int[] greedy = Golden.ints(entry.get("greedy_ids"));
        int[] continuation = Arrays.copyOfRange(greedy, prompt.length, greedy.length);
        GenerationResult result = engine.generate(GenerationRequest.builder(prompt)
                .stop(StopConditions.builder().maxTokens(continuation.length).ignoreEos(true).build())
                .build());
        assertThat(result.tokens()).containsExactlyElementsOf(Arrays.stream(continuation).boxed().toList());
    }

    private static Engine open(String type) {
        return Engine.open(
                TestData.path(FOLDER + "gguf/stories260K-" + type + ".gguf"),
                EngineOptions.builder().maxSequences(2).build());
    }
}
