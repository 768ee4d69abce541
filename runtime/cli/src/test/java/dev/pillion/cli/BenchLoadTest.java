package dev.pillion.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.pillion.GenerationRequest.Prompt;
import dev.pillion.model.json.Json;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BenchLoadTest {
    @TempDir
    Path folder;

    private TestCommand.Run bench(String... arguments) {
        List<String> all = new ArrayList<>(List.of("bench", "--prompt-tokens", "3:9", "--output-tokens", "2:5"));
        all.addAll(List.of(arguments));
        return new TestCommand(folder).run(all.toArray(String[]::new));
    }

    private static Map<?, ?> json(TestCommand.Run run) {
        assertThat(run.code()).as(run.err()).isZero();
        return (Map<?, ?>) Json.parse(run.out(), Path.of("out"));
    }

    @Test
    void usersInAClosedLoopAreAllAnswered() {
        Map<?, ?> json = json(bench(
                "--concurrency", "3", "--requests", "11", "--format", "json", "--scheduling", "orca"));
        assertThat(json.get("arrival")).isEqualTo("closed");
        assertThat(json.get("scheduling")).isEqualTo("orca");
        assertThat(json.get("sent")).isEqualTo(11L);
        assertThat(json.get("answered")).isEqualTo(11L);
        Workload same = workload(11, Workload.CLOSED_LOOP, 1);
        long input = 0;
        long output = 0;
        for (Workload.Item item : same.items()) {
            input += ((Prompt.Tokens) item.request().prompt()).ids().length;
            output += item.request().stop().maxTokens();
        }
        assertThat(json.get("input_tokens")).isEqualTo(input);
        assertThat(json.get("generated_tokens")).isEqualTo(output);
        assertThat(((Map<?, ?>) json.get("ttft_ms")).get("count")).isEqualTo(11L);
        assertThat(((Map<?, ?>) json.get("tbt_ms")).get("count")).isEqualTo(output - 11);
        double[] e2e = percentiles(json, "e2e_ms");
        assertThat(e2e).isSorted();
        assertThat(percentiles(json, "ttft_ms")[3]).isPositive().isLessThanOrEqualTo(e2e[3]);
    }

    private static double[] percentiles(Map<?, ?> json, String name) {
        Map<?, ?> times = (Map<?, ?>) json.get(name);
        return List.of("p50", "p90", "p99", "max").stream()
                .mapToDouble(key -> ((Number) times.get(key)).doubleValue())
                .toArray();
    }

    @Test
    void requestsAtRandomMomentsAreAnsweredToo() {
        Map<?, ?> json = json(bench(
                "--concurrency", "2", "--requests", "9", "--arrival", "poisson", "--rate", "200", "--seed", "5",
                "--tbt-target-ms", "50", "--format", "json"));
        assertThat(json.get("arrival")).isEqualTo("poisson");
        assertThat(json.get("answered")).isEqualTo(9L);
        double lastArrival = workload(9, 200, 5).items().getLast().arrivalNanos() / 1e9;
        assertThat(((Number) json.get("seconds")).doubleValue()).isGreaterThan(lastArrival);
    }

    @Test
    void whatIsLeftWhenTheTimeIsUpIsCutOff() {
        TestCommand.Run run = new TestCommand(folder).run(
                "bench", "--concurrency", "2", "--requests", "100000", "--prompt-tokens", "400",
                "--output-tokens", "100", "--max-seconds", "0.3", "--format", "json");
        Map<?, ?> json = json(run);
        long sent = (Long) json.get("sent");
        assertThat(sent).isLessThan(100_000);
        assertThat((Long) json.get("cut_off")).isPositive();
        assertThat((Long) json.get("answered") + (Long) json.get("cut_off")).isEqualTo(sent);
    }

    @Test
    void tablesNameTheirColumns() {
        TestCommand.Run markdown = bench("--concurrency", "1", "--requests", "2");
        assertThat(markdown.out()).contains(
                "| ms | P50 | P90 | P99 | max |", "| TTFT |", "| TBT |", "| queue |", "| E2E |");
        TestCommand.Run csv = bench("--concurrency", "1", "--requests", "2", "--format", "csv");
        List<String> lines = csv.out().lines().toList();
        assertThat(lines).hasSize(2);
        assertThat(lines.get(0)).startsWith("model,backend,scheduling").contains("ttft_ms_p99");
        assertThat(lines.get(1).split(",")).hasSameSizeAs(lines.get(0).split(","));
    }

    @Test
    void nonsenseIsRefused() {
        refused("--concurrency 0", "--concurrency");
        refused("--concurrency 2 --arrival poisson", "--rate");
        refused("--concurrency 2 --rate 3", "--arrival poisson");
        refused("--concurrency 2 --arrival poisson --rate 0", "--rate");
        refused("--concurrency 2 --requests 0", "--requests");
        refused("--concurrency 2 --scheduling fastest", "sarathi");
        refused("--requests 4", "add --concurrency");
        refused("--concurrency 1 --tbt-target-ms -1", "--tbt-target-ms");
        TestCommand.Run range = new TestCommand(folder).run("bench", "--concurrency", "1", "--prompt-tokens", "9:3");
        assertThat(range.code()).isEqualTo(2);
        assertThat(range.err()).contains("9:3");
    }

    private void refused(String arguments, String message) {
        TestCommand.Run run = bench(arguments.split(" "));
        assertThat(run.code()).as(arguments).isEqualTo(2);
        assertThat(run.err()).contains(message);
    }

    private static Workload workload(int requests, double rate, long seed) {
        return new Workload(3, requests, rate, new TokenRange(3, 9), new TokenRange(2, 5), seed, 60, 1536);
    }

    @Test
    void aSeedGivesTheSameWorkload() {
        List<Workload.Item> first = workload(50, 10, 3).items();
        List<Workload.Item> second = workload(50, 10, 3).items();
        for (int i = 0; i < 50; i++) {
            assertThat(first.get(i).arrivalNanos()).isEqualTo(second.get(i).arrivalNanos());
            assertThat(((Prompt.Tokens) first.get(i).request().prompt()).ids())
                    .isEqualTo(((Prompt.Tokens) second.get(i).request().prompt()).ids());
            assertThat(first.get(i).request().stop()).isEqualTo(second.get(i).request().stop());
        }
        assertThat(workload(50, 10, 4).items().getFirst().arrivalNanos()).isNotEqualTo(first.getFirst().arrivalNanos());
    }

    @Test
    void arrivalsComeAtTheRateAskedFor() {
        List<Workload.Item> items = workload(20_000, 40, 1).items();
        assertThat(items.getLast().arrivalNanos() / 1e9).isCloseTo(500, within(15.0));
        double[] gaps = new double[items.size() - 1];
        for (int i = 0; i < gaps.length; i++) {
            gaps[i] = items.get(i + 1).arrivalNanos() - items.get(i).arrivalNanos();
        }
        Percentiles distribution = new Percentiles(gaps);
        // An exponential distribution's median is ln 2 of its mean, its 90th percentile ln 10.
        assertThat(distribution.at(0.5) / 1e9).isCloseTo(Math.log(2) / 40, within(0.001));
        assertThat(distribution.at(0.9) / 1e9).isCloseTo(Math.log(10) / 40, within(0.003));
    }

    @Test
    void percentilesAreMeasuredValues() {
        Percentiles ten = new Percentiles(new double[] {10, 1, 9, 2, 8, 3, 7, 4, 6, 5});
        assertThat(ten.at(0.5)).isEqualTo(5);
        assertThat(ten.at(0.9)).isEqualTo(9);
        assertThat(ten.at(0.99)).isEqualTo(10);
        assertThat(ten.max()).isEqualTo(10);
        assertThat(ten.mean()).isEqualTo(5.5);
        assertThat(new Percentiles(new double[] {3}).at(0.01)).isEqualTo(3);
        assertThat(new Percentiles(new double[0]).at(0.5)).isZero();
    }
}
