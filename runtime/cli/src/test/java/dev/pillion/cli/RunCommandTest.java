package dev.pillion.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pillion.cli.TestCommand.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunCommandTest {
    @TempDir
    private Path folder;

    private Run run(String... args) {
        return new TestCommand(folder)
                .run(Stream.concat(Stream.of("run"), Stream.of(args)).toArray(String[]::new));
    }

    @Test
    void streamsTextAndReportsOnStandardError() {
        Run run = run("--prompt", "12+35=");
        assertThat(run.out()).isEqualTo("47;\n");
        assertThat(run.err().lines()).hasSize(2).allMatch(line -> line.startsWith("pillion: "));
        assertThat(run.err()).contains("backend cpu").contains("KV cache").contains("TTFT").contains("tok/s");
        assertThat(run.code()).isZero();
    }

    @Test
    void isSilentBesidesTheResultWhenQuiet() {
        Run run = run("--prompt", "12+35=", "--quiet");
        assertThat(run.out()).isEqualTo("47;\n");
        assertThat(run.err()).isEmpty();
    }

    @Test
    void readsThePromptFromAFileOrStandardInput() throws IOException {
        Path prompt = Files.writeString(folder.resolve("prompt"), "503-88=");
        assertThat(run("-f", prompt.toString()).out()).isEqualTo("415;\n");
        assertThat(new TestCommand(folder).input("503-88=").run("run", "-f", "-").out()).isEqualTo("415;\n");
    }

    @Test
    void refusesAPromptThatIsNoText() throws IOException {
        Path prompt = Files.write(folder.resolve("prompt"), new byte[] {(byte) 0xff, (byte) 0xfe});
        Run run = run("-f", prompt.toString());
        assertThat(run.err()).contains("not UTF-8");
        assertThat(run.code()).isEqualTo(ExitCode.FAILURE.code());
    }

    @Test
    void printsOneJsonObject() {
        Run run = run("--prompt", "12+35=", "--json", "--logprobs", "2", "--seed", "5");
        Map<String, Object> json = TestFiles.jsonObject(run.out());
        assertThat(json).containsEntry("model", "demo").containsEntry("text", "47;")
                .containsEntry("finish_reason", "stop").containsEntry("prompt_tokens", 7L).containsEntry("seed", 5L);
        assertThat((List<?>) json.get("tokens")).hasSize(4);
        assertThat((List<?>) json.get("logprobs")).hasSize(4)
                .allSatisfy(position -> assertThat((List<?>) ((Map<?, ?>) position).get("top")).hasSize(2));
        assertThat(((Map<?, ?>) json.get("timing")).keySet()).map(String::valueOf)
                .containsExactly("queued_ms", "first_token_ms", "total_ms");
    }

    @Test
    void drawsTheSameWithTheSameSeedAndOtherwiseTakesTheMostLikely() {
        String[] drawn = {"--prompt", "Once upon a time", "-n", "12", "-q", "--temperature", "2", "--seed", "11"};
        assertThat(run(drawn).out()).isEqualTo(run(drawn).out());
        String greedy = run("--prompt", "Once upon a time", "-n", "12", "-q").out();
        assertThat(run("--prompt", "Once upon a time", "-n", "12", "-q", "--temperature", "0").out()).isEqualTo(greedy);
        assertThat(run("--prompt", "Once upon a time", "-n", "12", "-q", "--top-k", "1").out()).isEqualTo(greedy);
        assertThat(run(drawn).out()).isNotEqualTo(greedy);
    }

    @Test
    void stopsWhereItIsTold() {
        assertThat(run("--prompt", "12+35=", "--stop", "7").out()).isEqualTo("4\n");
        assertThat(run("--prompt", "12+35=", "-n", "1").out()).isEqualTo("4\n");
        Map<String, Object> json =
                TestFiles.jsonObject(run("--prompt", "12+35=", "--json", "--stop-token", "57").out());
        assertThat(json).containsEntry("tokens", List.of(57L)).containsEntry("finish_reason", "stop");
    }

    @Test
    void parsesSpecialTokensOnlyWhenAsked() {
        Map<String, Object> plain = TestFiles.jsonObject(run("--prompt", "<s>12", "--json", "-n", "1").out());
        Map<String, Object> parsed = TestFiles.jsonObject(
                run("--prompt", "<s>12", "--json", "-n", "1", "--parse-special", "--no-add-special").out());
        assertThat(parsed).containsEntry("prompt_tokens", 3L);
        assertThat((Long) plain.get("prompt_tokens")).isGreaterThan(3L);
    }

    @Test
    void refusesAPromptLongerThanTheContext() {
        Run run = run("--prompt", "1+1 ".repeat(2000));
        assertThat(run.err()).contains("context");
        assertThat(run.code()).isEqualTo(ExitCode.USAGE.code());
    }

    @Test
    void runsOtherModelFiles() {
        Path model = TestFiles.shared("data/models/stories260K/gguf/stories260K-Q8_0.gguf");
        Run run = run("-m", model.toString(), "--prompt", "Once upon a time", "-n", "8", "--scalar", "--threads", "1");
        assertThat(run.out()).startsWith(", there was");
        assertThat(run.code()).isZero();
    }

    @Test
    void keepsTheDemoModelInACacheAndMendsIt() throws IOException {
        run("--prompt", "1", "-n", "1");
        Path cache = folder.resolve("home/.cache/pillion");
        List<Path> files;
        try (Stream<Path> list = Files.list(cache)) {
            files = list.toList();
        }
        assertThat(files).hasSize(1);
        Files.writeString(files.getFirst(), "damaged");
        assertThat(run("--prompt", "12+35=").out()).isEqualTo("47;\n");
        assertThat(Files.size(files.getFirst())).isGreaterThan(1_000_000);
    }
}
