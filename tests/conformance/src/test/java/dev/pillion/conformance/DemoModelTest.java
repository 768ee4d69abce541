package dev.pillion.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pillion.Engine;
import dev.pillion.EngineOptions;
import dev.pillion.GenerationRequest;
import dev.pillion.GenerationResult;
import dev.pillion.model.json.Json;
import dev.pillion.model.tokenizer.EncodeOptions;
import dev.pillion.sampling.StopConditions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The demo model in F32 against the recorded greedy outputs of the code that trained it. */
class DemoModelTest {
    @Test
    void greedyOutputEqualsTheGoldenRun() {
        Object cases = Json.parseObject(TestData.source("scripts/demo-model/golden.json")).get("cases");
        EngineOptions options = EngineOptions.builder().maxSequences(8).build();
        int compared = 0;
        try (Engine engine = Engine.open(TestData.path("demo-model/demo-f32.gguf"), options)) {
            for (Object entry : (List<?>) cases) {
                compared += check(engine, (Map<?, ?>) entry);
            }
        }
        assertThat(compared).as("greedy steps compared").isGreaterThan(850);
    }

    private static int check(Engine engine, Map<?, ?> golden) {
        int[] prompt = Golden.ints(golden.get("prompt_ids"));
        String text = (String) golden.get("prompt");
        assertThat(engine.tokenizer().encode(text, new EncodeOptions(true, true))).as("tokens of %s", text).containsExactly(prompt);
        int steps = ((Number) golden.get("max_tokens")).intValue();
        GenerationResult result = engine.generate(GenerationRequest.builder(prompt)
                .stop(StopConditions.builder().maxTokens(steps).build())
                .build());
        return Compare.greedy(
                text, result.tokens(), Golden.ints(golden.get("output_ids")), Golden.doubles(golden.get("gaps")));
    }
}
