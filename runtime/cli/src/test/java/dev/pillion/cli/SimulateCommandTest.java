package dev.pillion.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.pillion.model.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SimulateCommandTest {
    @TempDir
    Path folder;

    private TestCommand.Run simulate(String... arguments) {
        String[] all = Stream.concat(Stream.of("simulate"), Stream.of(arguments)).toArray(String[]::new);
        return new TestCommand(folder).run(all);
    }

    /** The runs of the report. */
    private List<Map<?, ?>> runs(String... arguments) {
        TestCommand.Run run = simulate(Stream.concat(Stream.of(arguments), Stream.of("--json")).toArray(String[]::new));
        assertThat(run.code()).as(run.err()).isZero();
        return ((List<?>) TestFiles.jsonObject(run.out()).get("runs")).stream().<Map<?, ?>>map(one -> (Map<?, ?>) one).toList();
    }

    private Map<?, ?> one(String arguments) {
        return runs(arguments.split(" ")).getFirst();
    }

    private static Map<?, ?> at(Map<?, ?> map, String... keys) {
        Map<?, ?> found = map;
        for (String key : keys) {
            found = (Map<?, ?>) found.get(key);
        }
        return found;
    }

    private static double number(Map<?, ?> map, String... keys) {
        return ((Number) at(map, Stream.of(keys).limit(keys.length - 1).toArray(String[]::new)).get(keys[keys.length - 1]))
                .doubleValue();
    }

    @Test
    void theReportCountsWhatWasAsked() {
        Map<?, ?> run = one("--qps 5 --requests 60 --prompt-tokens 100 --output-tokens 11 --instances 2 --slo ttft=1s,tbt=1s");
        assertThat(number(run, "requests", "sent")).isEqualTo(60);
        assertThat(number(run, "requests", "finished")).isEqualTo(60);
        assertThat(number(run, "tokens", "output")).isEqualTo(660);
        assertThat(number(run, "tokens", "prompt")).isEqualTo(6000);
        assertThat(number(run, "latency_seconds", "ttft", "count")).isEqualTo(60);
        assertThat(number(run, "latency_seconds", "tbt", "count")).isEqualTo(600);
        assertThat(number(run, "service", "attainment")).isEqualTo(1);
        // Two GPUs at the price of one hour each.
        assertThat(number(run, "cost", "dollars_per_hour")).isCloseTo(3.6, within(1e-6));
        List<?> instances = (List<?>) run.get("instances");
        assertThat(instances).hasSize(2);
        double steps = instances.stream().mapToDouble(instance -> number((Map<?, ?>) instance, "steps")).sum();
        assertThat(number(run, "scheduling", "steps")).isEqualTo(steps);
        Map<?, ?> timeline = at((Map<?, ?>) instances.getFirst(), "timeline");
        assertThat((List<?>) timeline.get("occupancy")).hasSizeBetween(2, 1000)
                .hasSameSizeAs((List<?>) timeline.get("decode_tokens"));
    }

    /** One sequence at a time; the first request keeps the instance busy while the others queue up. */
    @ParameterizedTest
    @CsvSource({"fcfs, 2", "priority, 3", "deadline, 3", "shortest, 2"})
    void thoseWhoWaitAreOrdered(String policy, int met) throws IOException {
        Path trace = folder.resolve("trace.csv");
        Files.writeString(trace, """
                arrival_s,prompt_tokens,output_tokens,priority,deadline_s
                0,100,100,0,
                0.1,100,100,1,100
                0.2,900,100,2,2.4
                """);
        Map<?, ?> run = runs("--trace", trace.toString(), "--max-sequences", "1", "--queue-policy", policy).getFirst();
        assertThat(number(run, "service", "requests_met")).isEqualTo(met);
    }

    @Test
    void aSeedGivesTheSameReport() {
        String arguments = "--qps 30 --requests 40 --arrival gamma --router power-of-two --instances 3 --seed ";
        assertThat(one(arguments + 5)).isEqualTo(one(arguments + 5));
        assertThat(one(arguments + 6).get("latency_seconds")).isNotEqualTo(one(arguments + 5).get("latency_seconds"));
    }

    @Test
    void aTraceIsServedRepeatedAndSpedUp() throws IOException {
        Path trace = folder.resolve("trace.csv");
        Files.writeString(trace, "arrival_s,prompt_tokens,output_tokens\n0,100,5\n1,200,6\n2,300,7\n");
        Map<?, ?> run = runs("--trace", trace.toString(), "--repeat", "4", "--qps", "10").getFirst();
        assertThat(number(run, "tokens", "prompt")).isEqualTo(2400);
        assertThat(number(run, "tokens", "output")).isEqualTo(72);
        // 12 requests at 10 a second: the last comes 1.1 s after the first.
        assertThat(number(run, "seconds")).isBetween(1.1, 1.4);
        Map<?, ?> cut = runs("--trace", trace.toString(), "--duration", "1500ms").getFirst();
        assertThat(number(cut, "requests", "sent")).isEqualTo(2);
        Map<?, ?> drawn = runs("--lengths", trace.toString(), "--qps", "5", "--requests", "20").getFirst();
        assertThat(number(drawn, "requests", "finished")).isEqualTo(20);
        assertThat(number(drawn, "tokens", "output")).isBetween(100.0, 140.0);
    }

    @Test
    void disaggregatedPoolsHandOver() {
        Map<?, ?> run = one("--qps 5 --requests 30 --disaggregate 1:2 --prompt-device h100 --token-device a100");
        assertThat(number(run, "movement", "transfers")).isEqualTo(30);
        List<?> instances = (List<?>) run.get("instances");
        assertThat(instances.stream().map(instance -> ((Map<?, ?>) instance).get("role")).toList())
                .isEqualTo(List.of("prompt", "token", "token"));
        assertThat(String.valueOf(((Map<?, ?>) instances.getFirst()).get("description"))).contains("h100");
    }

    @Test
    void failedInstancesComeBackAndDrainedOnesDoNot() {
        Map<?, ?> run = one("--qps 20 --requests 100 --instances 3 --fail 0@1s+1s --drain 1@2s --migrate");
        assertThat(number(run, "requests", "finished")).isEqualTo(100);
        assertThat(number(run, "requests", "resubmitted")).isPositive();
        List<?> instances = (List<?>) run.get("instances");
        assertThat(number((Map<?, ?>) instances.get(1), "in_service_seconds"))
                .isLessThan(number((Map<?, ?>) instances.get(2), "in_service_seconds"));
    }

    @Test
    void capacityLiesBetweenRatesThatKeepTheSloAndRatesThatDoNot() {
        Map<?, ?> capacity = at(one("--qps 8 --requests 60 --slo ttft=300ms --capacity"), "capacity");
        double found = number(capacity, "requests_per_second");
        List<?> points = (List<?>) capacity.get("points");
        double lowestMissed = Double.POSITIVE_INFINITY;
        for (Object point : points) {
            double rate = number((Map<?, ?>) point, "requests_per_second");
            if (((Map<?, ?>) point).get("met").equals(false)) {
                lowestMissed = Math.min(lowestMissed, rate);
            } else {
                assertThat(rate).isLessThanOrEqualTo(found);
            }
        }
        assertThat(found).isPositive();
        assertThat(lowestMissed / found).isBetween(1.0, 1.02);
    }

    @Test
    void filesOfOptionsAreRunsToCompare() throws IOException {
        Path first = folder.resolve("first.properties");
        Files.writeString(first, "planner = prefill-first\nqps = 3\nchunk-tokens = 2048\n");
        Path second = folder.resolve("second.json");
        Files.writeString(second, "{\"name\": \"two\", \"qps\": 4.5, \"instances\": 2, \"migrate\": true, \"fail\": [\"0@1s+1s\"]}");
        List<Map<?, ?>> runs = runs("--config", first + "," + second, "--requests", "30", "--qps", "6");
        assertThat(runs.stream().map(run -> run.get("name")).toList()).isEqualTo(List.of("first", "two"));
        assertThat(at(runs.get(0), "setup").get("planner")).isEqualTo("prefill-first");
        assertThat(at(runs.get(1), "setup").get("planner")).isEqualTo("sarathi");
        assertThat((List<?>) runs.get(1).get("instances")).hasSize(2);
        // The command line counts for all: both at 6 a second.
        assertThat(runs).allSatisfy(run -> assertThat(String.valueOf(run.get("workload"))).contains("30 requests", "6.000 a second"));
        TestCommand.Run table = simulate("--config", first.toString(), "--config", second.toString(), "--requests", "30");
        assertThat(table.out().lines().filter(line -> line.startsWith("TTFT P50"))).hasSize(1);
        assertThat(table.out()).contains("first: 1 x llama-3.1-8b", "two: 2 x llama-3.1-8b");
    }

    @Test
    void aRepeatedOptionOfTheCommandLineReplacesTheFiles() throws IOException {
        Path file = folder.resolve("failing.json");
        Files.writeString(file, "{\"qps\": 5, \"requests\": 5, \"instances\": 2, \"fail\": [\"0@1s\", \"0@2s\"]}");
        assertThat(at(runs("--config", file.toString()).getFirst(), "setup").get("failures")).isEqualTo("0@1s, 0@2s");
        assertThat(at(runs("--config", file.toString(), "--fail", "1@1s").getFirst(), "setup").get("failures"))
                .isEqualTo("1@1s");
    }

    @Test
    void filesOfOptionsThatAreWrongAreNamed() throws IOException {
        Path file = folder.resolve("bad.json");
        for (String[] bad : new String[][] {
            {"{\"quantum\": 1}", "quantum"}, {"{\"tp\": \"x\"}", "--tp"}, {"{\"tp\": {}}", "tp"}, {"{\"tp\"", "bad.json"}, {"tp=y", "--tp"}
        }) {
            Files.writeString(file, bad[0]);
            TestCommand.Run run = simulate("--config", file.toString(), "--qps", "2");
            assertThat(run.code()).as(bad[0]).isEqualTo(2);
            assertThat(run.err()).contains("bad.json", bad[1]).doesNotContain("internal error");
        }
    }

    @Test
    void thePageHoldsTheReport() throws IOException {
        Path page = folder.resolve("page.html");
        TestCommand.Run run = simulate("--qps", "5", "--requests", "20", "--name", "</script>", "--json", "--html", page.toString());
        assertThat(run.code()).as(run.err()).isZero();
        String text = Files.readString(page);
        int from = text.indexOf(">", text.indexOf("id=\"report\"")) + 1;
        Map<String, Object> report = Json.object((Map<?, ?>) Json.parse(text.substring(from, text.indexOf("</script>", from)), page));
        assertThat(report).isEqualTo(TestFiles.jsonObject(run.out()));
        assertThat(text).contains("pillion simulate --qps 5", "&lt;/script&gt;").doesNotContain("{{");
    }

    @ParameterizedTest
    @ValueSource(strings = {"static", "orca", "prefill-first", "sarathi", "sarathi-adaptive --tbt-target 50ms"})
    void everyPlannerServes(String planner) {
        Map<?, ?> run = one("--qps 10 --requests 20 --planner " + planner);
        assertThat(number(run, "requests", "finished")).isEqualTo(20);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "--requests 5 | --trace FILE",
        "--qps 0 | more than 0",
        "--qps 1 --model-shape nothing | llama-3.1-8b",
        "--qps 1 --device abacus | h100",
        "--qps 1 --quant q9 | q4_k",
        "--qps 1 --planner fastest | sarathi-adaptive",
        "--qps 1 --router nearest | power-of-two",
        "--qps 1 --queue-policy lifo | shortest",
        "--qps 1 --slo speed=1s | scheduling_delay",
        "--qps 1 --slo ttft=quick | P99",
        "--qps 1 --tp 3 | divides",
        "--qps 1 --tp 0 | give 1",
        "--qps 1 --model-shape llama-3.1-405b | more ranks",
        "--qps 1 --disaggregate 2 | P:D",
        "--qps 1 --disaggregate 1:1 --instances 2 | leave one out",
        "--qps 1 --token-device h100 | --disaggregate",
        "--qps 1 --fail 4@1s | numbered",
        "--qps 1 --fail 0@1 | 100ms",
        "--qps 1 --capacity | --slo",
        "--arrival offline --capacity --slo ttft=1s | at once",
        "--qps 1 --chunk-tokens 8 | more tokens",
        "--qps 1 --planner sarathi-adaptive | --tbt-target",
        "--qps 1 --repeat 2 | trace",
        "--qps 1 --disaggregate 1:1 --token-device h100 --operator-times x | one device",
    })
    void nonsenseIsRefused(String arguments, String remedy) {
        TestCommand.Run run = simulate(arguments.split(" "));
        assertThat(run.code()).as(run.err()).isEqualTo(2);
        assertThat(run.err()).contains(remedy).doesNotContain("internal error");
        assertThat(run.out()).isEmpty();
    }

    @Test
    void measuredOperatorTimesTakeTheRooflinesPlace() {
        String tables = TestFiles.shared("data/traces/vidur/profiling-h100-llama2-7b-mlp.csv").toString();
        String arguments = "--model-shape llama-2-7b --device h100 --qps 5 --requests 20";
        Map<?, ?> measured = one(arguments + " --operator-times " + tables);
        double ratio = number(measured, "latency_seconds", "tbt", "p50") / number(one(arguments), "latency_seconds", "tbt", "p50");
        // The roofline was fitted to such times, so that it is near them without being them.
        assertThat(ratio).isNotEqualTo(1).isCloseTo(1, within(0.15));
        assertThat(simulate("--qps", "1", "--quant", "fp8", "--operator-times", tables).err()).contains("16 bits");
        TestCommand.Run two = simulate("--qps", "1", "--operator-times", tables + "," + tables);
        assertThat(two.code()).isEqualTo(2);
        assertThat(two.err()).contains("LLMServingSim");
    }

    @Test
    void missingAndBrokenTracesAreNamed() throws IOException {
        assertThat(simulate("--trace", folder.resolve("none.csv").toString()).code()).isEqualTo(1);
        Path broken = folder.resolve("broken.csv");
        Files.writeString(broken, "arrival_s,prompt_tokens,output_tokens\n0,many,5\n");
        TestCommand.Run run = simulate("--trace", broken.toString());
        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err()).contains("broken.csv", "line 2", "prompt_tokens");
    }
}
