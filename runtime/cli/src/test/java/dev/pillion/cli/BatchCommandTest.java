package dev.pillion.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pillion.model.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BatchCommandTest {
    private static final int REQUESTS = 16;

    @TempDir
    Path folder;

    private Path write(String name, List<String> lines) throws IOException {
        return Files.write(folder.resolve(name), lines);
    }

    private static List<String> requests(int tokens) {
        return IntStream.range(0, REQUESTS)
                .mapToObj(i -> "{\"id\":\"r" + i + "\",\"prompt\":\"Story number " + i + ": once\",\"max_tokens\":"
                        + tokens + ",\"ignore_eos\":true}")
                .toList();
    }

    private TestCommand.Run batch(Path in, Path out, String... more) {
        List<String> arguments = new ArrayList<>(List.of("batch", "--in", in.toString(), "--out", out.toString()));
        arguments.addAll(List.of(more));
        return new TestCommand(folder).run(arguments.toArray(String[]::new));
    }

    private static List<String> sorted(Path file) throws IOException {
        return Files.readAllLines(file).stream().sorted().toList();
    }

    @Test
    void everyRequestGetsItsLine() throws IOException {
        Path in = write("in.jsonl", List.of(
                "{\"id\":\"a\",\"prompt\":\"Once upon a time\",\"max_tokens\":4}",
                "",
                "{\"tokens\":[5,6,7],\"max_tokens\":2,\"ignore_eos\":true}"));
        Path out = folder.resolve("out.jsonl");
        TestCommand.Run run = batch(in, out);
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).contains("2 of 2 requests");
        Map<?, ?> second = line(out, 1);
        assertThat(second.get("prompt_tokens")).isEqualTo(3L);
        assertThat(second.get("tokens")).isEqualTo(2L);
        assertThat(second.get("finish_reason")).isEqualTo("length");
        assertThat(second.containsKey("id")).isFalse();
        Map<?, ?> first = line(out, 0);
        assertThat(first.get("id")).isEqualTo("a");
        TestCommand.Run alone = new TestCommand(folder).run("run", "-p", "Once upon a time", "-n", "4", "--json");
        assertThat(first.get("text")).isEqualTo(((Map<?, ?>) Json.parse(alone.out(), in)).get("text"));
    }

    private static Map<?, ?> line(Path out, int index) throws IOException {
        return Files.readAllLines(out).stream()
                .map(text -> (Map<?, ?>) Json.parse(text, out))
                .filter(map -> map.get("index").equals((long) index))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aRequestThatFailsIsItsOwnResultAndTheExitCodeSaysSo() throws IOException {
        Path in = write("in.jsonl", List.of(
                "{\"tokens\":[999999]}", "{\"tokens\":[5],\"max_tokens\":1}", "{\"tokens\":[]}"));
        Path out = folder.resolve("out.jsonl");
        TestCommand.Run run = batch(in, out);
        assertThat(run.code()).as(run.err()).isEqualTo(1);
        assertThat(Files.readAllLines(out)).hasSize(3);
        assertThat(((Map<?, ?>) line(out, 0).get("error")).get("message").toString()).contains("999999");
        assertThat(((Map<?, ?>) line(out, 2).get("error")).get("code")).isEqualTo("bad_request");
        assertThat(line(out, 1).containsKey("error")).isFalse();
        List<String> before = Files.readAllLines(out);
        assertThat(batch(in, out).code()).isEqualTo(1);
        assertThat(Files.readAllLines(out)).isEqualTo(before);
    }

    @Test
    void otherInputOrSettingsAreRefused() throws IOException {
        Path in = write("in.jsonl", List.of("{\"tokens\":[5],\"max_tokens\":1}"));
        Path out = folder.resolve("out.jsonl");
        assertThat(batch(in, out, "--stop-token", "3", "--stop-token", "4").code()).isZero();
        assertThat(batch(in, out, "--stop-token", "4", "--stop-token", "3", "--threads", "1").code()).isZero();
        TestCommand.Run settings = batch(in, out, "--temperature", "0.5");
        assertThat(settings.code()).isEqualTo(1);
        assertThat(settings.err()).contains("another run", "--overwrite");
        write("in.jsonl", List.of("{\"tokens\":[6],\"max_tokens\":1}"));
        assertThat(batch(in, out).err()).contains("input_sha256");
        TestCommand.Run afresh = batch(in, out, "--overwrite");
        assertThat(afresh.code()).as(afresh.err()).isZero();
        assertThat(Files.readAllLines(out)).hasSize(1);
    }

    @Test
    void aRunTornAtAnyByteIsCompletedToTheSameResults() throws IOException {
        long seed = Long.getLong("pillion.test.seed", 17);
        SplittableRandom random = new SplittableRandom(seed);
        Path in = write("in.jsonl", requests(6));
        Path whole = folder.resolve("whole.jsonl");
        assertThat(batch(in, whole).code()).isZero();
        byte[] bytes = Files.readAllBytes(whole);
        Path torn = folder.resolve("torn.jsonl");
        for (int i = 0; i < 8; i++) {
            int cut = random.nextInt(bytes.length);
            Files.write(torn, Arrays.copyOf(bytes, cut));
            Files.write(BatchOutput.noteOf(torn), Files.readAllBytes(BatchOutput.noteOf(whole)));
            assertThat(batch(in, torn, "--max-sequences", String.valueOf(1 + i)).code()).isZero();
            assertThat(sorted(torn)).as("seed %d, cut at %d", seed, cut).isEqualTo(sorted(whole));
        }
    }

    /** Slow kernels and few sequences at once leave time to kill the process between results. */
    @Test
    void aKilledRunContinuesAndEndsLikeAnUninterruptedOne() throws IOException, InterruptedException {
        Path in = write("in.jsonl", requests(40));
        Path out = folder.resolve("killed.jsonl");
        String[] slow = {"--scalar", "--threads", "1", "--max-sequences", "3", "-q"};
        int kills = 0;
        for (int more : new int[] {1, 3, 3}) {
            long lines = count(out) + more;
            Process process = child(in, out, slow);
            while (process.isAlive() && count(out) < lines) {
                process.waitFor(2, TimeUnit.MILLISECONDS);
            }
            if (more > 1) {
                // Where the first writer ends meanwhile, the second may write.
                TestCommand.Run second = batch(in, out, slow);
                assertThat(second.err().contains("another pillion batch") || !process.isAlive())
                        .as("a second writer: %s", second.err()).isTrue();
            }
            kills += process.isAlive() && count(out) < REQUESTS ? 1 : 0;
            process.destroyForcibly().waitFor();
        }
        assertThat(kills).as("runs killed before their end").isPositive();
        TestCommand.Run last = batch(in, out, slow);
        assertThat(last.code()).as(last.err()).isZero();
        Path whole = folder.resolve("whole.jsonl");
        assertThat(batch(in, whole, slow).code()).isZero();
        assertThat(sorted(out)).isEqualTo(sorted(whole)).hasSize(REQUESTS);
    }

    private static long count(Path file) throws IOException {
        if (!Files.exists(file)) {
            return 0;
        }
        long lines = 0;
        for (byte b : Files.readAllBytes(file)) {
            lines += b == '\n' ? 1 : 0;
        }
        return lines;
    }

    private Process child(Path in, Path out, String... more) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules", "jdk.incubator.vector",
                "-cp", System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                PillionCommand.class.getName(),
                "batch", "--in", in.toString(), "--out", out.toString()));
        command.addAll(List.of(more));
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD);
        builder.environment().put("HOME", folder.resolve("home").toString());
        return builder.start();
    }
}
