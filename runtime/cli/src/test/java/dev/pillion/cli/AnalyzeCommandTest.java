package dev.pillion.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.pillion.analysis.CalibrationFile;
import dev.pillion.model.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AnalyzeCommandTest {
    @TempDir
    Path folder;

    private TestCommand.Run pillion(String... arguments) {
        return new TestCommand(folder).run(arguments);
    }

    private Map<?, ?> json(String... arguments) {
        TestCommand.Run run = pillion(arguments);
        assertThat(run.code()).as(run.err()).isZero();
        return (Map<?, ?>) Json.parse(run.out(), Path.of("out"));
    }

    private static double number(Map<?, ?> map, String key) {
        return ((Number) map.get(key)).doubleValue();
    }

    private static Map<?, ?> at(Map<?, ?> map, String... keys) {
        Map<?, ?> found = map;
        for (String key : keys) {
            found = (Map<?, ?>) found.get(key);
        }
        return found;
    }

    /** The demo model: 4 layers of 256, 8 heads of 32 and 4 for keys, feed-forward 512, vocabulary 1536, in Q8_0. */
    @Test
    void theNumbersAreThoseOfTheModel() {
        Map<?, ?> json = json(
                "analyze", "--json", "--device", "h200-sxm", "--context", "200", "--chunk", "64", "--batch", "8");
        Map<?, ?> decode = at(json, "steps", "decode_batch");
        long matrices = 4L * (256 * (256 + 128 + 128) + 256 * 256 + 3 * 256 * 512) + 1536L * 256;
        assertThat(number(decode, "flops")).isEqualTo(8.0 * (2 * matrices + 4.0 * 4 * 256 * 200));
        assertThat(number(decode, "kv_read_bytes")).isEqualTo(8.0 * 200 * 4096);
        assertThat(number(decode, "kv_write_bytes")).isEqualTo(8.0 * 4096);
        double norms = 9 * 256 * 4;
        assertThat(number(decode, "weight_bytes")).isEqualTo(matrices / 32.0 * 34 + norms + 8 * 256 / 32.0 * 34);
        assertThat(number(at(json, "steps", "prefill_chunk"), "tokens")).isEqualTo(64);
        assertThat(number(at(json, "steps", "hybrid_batch"), "tokens")).isEqualTo(72);
        Map<?, ?> device = at(json, "device");
        assertThat(number(device, "bytes_per_second")).isEqualTo(4.8e12);
        assertThat(device.get("origin").toString()).startsWith("published peak, not measured");
        Map<?, ?> cost = at(json, "decode_seconds");
        double riding = number(at(json, "steps", "hybrid_batch"), "seconds")
                - number(at(json, "steps", "prefill_chunk"), "seconds");
        assertThat(number(cost, "riding")).isCloseTo(riding / 8, within(1e-12));
        assertThat(number(cost, "riding")).isLessThan(number(cost, "alone"));
    }

    @Test
    void whatFitsFitsAndOneMoreDoesNot() {
        String[] common = {"analyze", "--json", "--bandwidth-gbs", "10", "--tflops", "0.1", "--memory-gib", "0.0625",
            "--context", "500", "--batch"};
        int most = (int) number(at(json(with(common, "1")), "memory"), "largest_batch");
        assertThat(most).isBetween(10, 40);
        assertThat(number(at(json(with(common, String.valueOf(most))), "memory"), "total_bytes"))
                .isLessThanOrEqualTo(64 << 20);
        assertThat(number(at(json(with(common, String.valueOf(most + 1))), "memory"), "total_bytes"))
                .isGreaterThan(64 << 20);
        assertThat(number(at(json(with(common, String.valueOf(most))), "memory"), "longest_context"))
                .isBetween(500.0, 512.0);
    }

    private static String[] with(String[] arguments, String... more) {
        return Stream.concat(Stream.of(arguments), Stream.of(more)).toArray(String[]::new);
    }

    @Test
    void everyOperationSaysWhatBoundsIt() {
        TestCommand.Run run = pillion("analyze", "--bandwidth-gbs", "1000", "--tflops", "0.001", "--launch-us", "50");
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.out()).contains("prefill chunk: 512", "decode batch: 16", "hybrid batch", "a decode costs",
                "compute", "launch", "the device's memory is unknown");
        assertThat(run.out().lines().filter(line -> line.startsWith("  qkv"))).hasSize(3);
    }

    @Test
    void aFileOfCeilingsServesAndABadOneIsNamed() throws IOException {
        Path file = folder.resolve("mine.json");
        Files.writeString(file, "{\"name\":\"mine\",\"bandwidth_gbs\":100,\"tflops\":2,\"memory_gib\":4}");
        Map<?, ?> json = json("analyze", "--json", "--device", file.toString(), "--launch-us", "3");
        assertThat(at(json, "device").get("name")).isEqualTo("mine");
        assertThat(number(at(json, "device"), "flops_per_second")).isEqualTo(2e12);
        assertThat(number(at(json, "device"), "launch_seconds")).isCloseTo(3e-6, within(1e-12));
        for (String bad : List.of("{}", "[", "{\"bandwidth_gbs\":0,\"tflops\":1}",
                "{\"bandwidth_gbs\":1,\"tflops\":1,\"models\":{\"x\":{}}}")) {
            Files.writeString(file, bad);
            TestCommand.Run run = pillion("analyze", "--device", file.toString());
            assertThat(run.code()).as(bad).isEqualTo(1);
            assertThat(run.err()).contains("mine.json");
        }
    }

    @Test
    void nonsenseIsRefused() {
        assertThat(pillion("analyze", "--device", "abacus").err()).contains("abacus", "h100-sxm");
        TestCommand.Run unmeasured = pillion("analyze");
        assertThat(unmeasured.code()).isEqualTo(1);
        assertThat(unmeasured.err()).contains("run pillion calibrate");
        for (String option : List.of("--batch=0", "--chunk=0", "--context=0", "--kv-type=Q8_0", "--memory-gib=-1",
                "--bandwidth-gbs=0")) {
            assertThat(pillion("analyze", "--device", "cpu", option).code()).as(option).isEqualTo(2);
        }
    }

    /** Times of a shared machine prove nothing, so this looks at what is measured, kept and read, not at how much. */
    @Test
    void whatWasMeasuredIsKeptAndUsed() throws IOException {
        TestCommand.Run run = pillion("calibrate", "--quick", "--check", "--check-steps", "5", "--context", "64",
                "--threads", "1", "--chunk-tokens", "32");
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.out()).contains("copy bandwidth", "linear F32", "linear Q8_0", "launch",
                "5 steps", "5 repetitions", "25 single steps", "within 25 %");
        Path kept = folder.resolve("home/.config/pillion/ceilings");
        try (Stream<Path> files = Files.list(kept)) {
            Path file = files.findFirst().orElseThrow();
            CalibrationFile read = CalibrationFile.read(file);
            assertThat(read.models()).hasSize(1);
            Path copy = folder.resolve("copy.json");
            Calibrations.write(read, copy);
            assertThat(copy).hasSameTextualContentAs(file);
        }
        Map<?, ?> json = json(
                "analyze", "--json", "--threads", "1", "--context", "64", "--chunk", "32", "--batch", "4");
        assertThat(at(json, "device").get("origin")).isEqualTo("measured by pillion calibrate");
        assertThat(number(at(json, "steps", "hybrid_batch"), "measured_seconds"))
                .isGreaterThanOrEqualTo(number(at(json, "steps", "prefill_chunk"), "measured_seconds"));
        assertThat(at(json, "memory").containsKey("largest_batch")).isTrue();
        TestCommand.Run again = pillion("calibrate", "--quick", "--check", "--check-steps", "3", "--context", "64",
                "--threads", "1", "--chunk-tokens", "32", "--json");
        assertThat(again.err()).doesNotContain("measuring copies");
        Map<?, ?> check = (Map<?, ?>) Json.parse(again.out(), kept);
        assertThat(check.get("steps")).isEqualTo(3L);
        assertThat(at(check, "single").get("steps")).isEqualTo(15L);
        assertThat(at(check, "refitted").get("steps")).isEqualTo(15L);
        TestCommand.Run bench = pillion("bench", "--threads", "1", "--concurrency", "1", "--requests", "1",
                "--prompt-tokens", "8", "--output-tokens", "4", "--tbt-target-ms", "50");
        assertThat(bench.code()).as(bench.err()).isZero();
        assertThat(bench.err()).contains("step times calibrated by " + kept);
    }
}
