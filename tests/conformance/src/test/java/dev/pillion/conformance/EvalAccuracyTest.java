package dev.pillion.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.pillion.model.json.Json;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** {@code pillion eval} of the demo model's held-out tasks gives the recorded accuracy within a point, task by task. */
class EvalAccuracyTest {
    private static final double POINT = 0.01;

    @TempDir
    Path folder;

    static Stream<Arguments> models() {
        return Stream.of(
                Arguments.of("F32", TestData.path("demo-model/demo-f32.gguf").toString()), Arguments.of("Q8_0", "demo"));
    }

    @ParameterizedTest
    @MethodSource("models")
    void accuracyIsTheRecordedOne(String type, String model) {
        Path tasks = TestData.source("tests/conformance/src/test/resources/demo-eval.jsonl");
        ChildProcess process =
                ChildProcess.pillion(folder, "eval", "--model", model, "--tasks", tasks.toString(), "--json", "--quiet");
        assertThat(process.exitCode()).as(process.err()).isZero();
        Map<?, ?> measured = (Map<?, ?>) Json.parse(process.out(), Path.of("stdout"));
        Map<?, ?> recorded = recorded(type);
        for (String task : List.of("arithmetic", "recall", "copying", "json", "chat")) {
            List<?> counts = (List<?>) recorded.get(task);
            double expected = ((Number) counts.get(0)).doubleValue() / ((Number) counts.get(1)).doubleValue();
            assertThat(accuracy(measured, task)).as("%s %s", type, task).isCloseTo(expected, within(POINT));
        }
    }

    private static Map<?, ?> recorded(String type) {
        Map<String, ?> file = Json.parseObject(TestData.source("scripts/demo-model/eval.json"));
        return (Map<?, ?>) ((Map<?, ?>) file.get(type)).get("accuracy");
    }

    private static double accuracy(Map<?, ?> measured, String task) {
        return ((List<?>) measured.get("tasks"))
                .stream()
                        .map(entry -> (Map<?, ?>) entry)
                        .filter(entry -> task.equals(entry.get("task")))
                        .mapToDouble(entry -> ((Number) entry.get("accuracy")).doubleValue())
                        .findFirst()
                        .orElseThrow();
    }
}
