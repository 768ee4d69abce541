package dev.pillion.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pillion.cli.TestCommand.Run;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CommandLineTest {
    @TempDir
    private Path folder;

    private Run run(String... args) {
        return new TestCommand(folder).run(args);
    }

    @Test
    void showsItsVersion() {
        Run run = run("--version");
        assertThat(run.code()).isZero();
        assertThat(run.out()).startsWith("pillion ").contains("Java 25");
        assertThat(run.err()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"run", "chat", "tokenize", "detokenize", "inspect", "logits", "bench", "eval", "pull"})
    void explainsEachCommandOnStandardOutput(String command) {
        Run run = run(command, "--help");
        assertThat(run.code()).isZero();
        assertThat(run.out()).startsWith("Usage: pillion " + command).doesNotContain("\u001b");
        assertThat(run.err()).isEmpty();
        assertThat(run(command, "--version").out()).startsWith("pillion ");
    }

    @Test
    void makesAShellCompletion() {
        assertThat(run("generate-completion").out()).contains("complete -F").contains("pillion");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'' | which command",
                "run --nosuch | --nosuch",
                "runn | pillion run",
                "run | (-p=T | -f=F)",
                "run --prompt a --prompt-file b | mutually exclusive",
                "run --prompt a --max-tokens x | --max-tokens",
                "run --prompt a --max-tokens 0 | maxTokens",
                "run --prompt a --temperature -1 | temperature",
                "run --prompt a --top-p 2 | topP",
                "run --prompt a --threads -1 | --threads",
                "run --prompt a --kv-bytes 3X | no size",
                "run --prompt a --kv-type Q8_0 | kvType",
                "tokenize | (-t=T | -f=F)",
                "detokenize --ids 1,x | no token id",
                "detokenize --ids [1,2 | JSON",
                "detokenize --ids [1.5] | no token id",
                "detokenize --ids {} | no token id",
                "detokenize --ids 99999 | beyond the vocabulary",
                "logits | --tokens",
                "logits --tokens 99999 | token id 99999",
                "bench --pp 0 --tg 0 | nothing to measure",
                "bench --batch 0 | --batch",
                "bench --shape 1.1b | --random-weights",
                "bench --random-weights --shape dim=64 | missing",
                "bench --random-weights --shape dim=60,layers=1,heads=7,kv=1,ffn=32,vocab=99 | multiple of heads",
                "eval | --tasks",
                "pull | hf:ORG/REPO/FILE",
            })
    void refusesAWrongCommandLineInOneLine(String line, String expected) {
        Run run = line.isEmpty() ? run() : run(line.split(" "));
        assertThat(run.err()).contains(expected).startsWith("pillion: ").doesNotContain("Exception");
        assertThat(run.err()).doesNotContain("Error").doesNotContain("\tat ");
        assertThat(run.code()).isEqualTo(ExitCode.USAGE.code());
        assertThat(run.out()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "run --prompt x --model /nosuch/model.gguf",
        "run --prompt-file /nosuch/prompt",
        "inspect /nosuch/model.gguf",
        "eval --tasks /nosuch/tasks",
        "run --prompt x --model hf:org/repo/model.gguf",
        "run --prompt x --backend nosuch"
    })
    void namesWhatIsMissing(String line) {
        Run run = run(line.split(" "));
        assertThat(run.err()).startsWith("pillion: ").contains("no").doesNotContain("Exception");
        assertThat(run.err().strip()).doesNotContain("\n");
        assertThat(run.code()).isEqualTo(ExitCode.FAILURE.code());
        assertThat(run.out()).isEmpty();
    }

    @Test
    void tellsHowToFetchAModelOfAHub() {
        assertThat(run("run", "--prompt", "x", "-m", "hf:org/repo/model.gguf").err())
                .contains("pillion pull hf:org/repo/model.gguf");
    }

    @Test
    void namesWhatIsWrongWithAModelFile() throws IOException {
        Path broken = Files.write(folder.resolve("broken.gguf"), "GGUF\3\0\0\0 and nothing".getBytes());
        for (String command : new String[] {"inspect " + broken, "tokenize --text a -m " + broken}) {
            Run run = run(command.split(" "));
            assertThat(run.err()).contains(broken.toString()).doesNotContain("Exception");
            assertThat(run.err().strip()).doesNotContain("\n");
            assertThat(run.code()).isEqualTo(ExitCode.BAD_MODEL.code());
            assertThat(run.out()).isEmpty();
        }
    }

    @Test
    void showsAStackTraceOnlyWhenAsked() throws IOException {
        Path broken = Files.write(folder.resolve("broken.gguf"), new byte[100]);
        assertThat(run("inspect", "--debug", broken.toString()).err()).contains("\tat dev.pillion");
        assertThat(run("--debug", "inspect", broken.toString()).err()).contains("\tat dev.pillion");
        assertThat(new TestCommand(folder).with("PILLION_DEBUG", "1").run("inspect", broken.toString()).err())
                .contains("\tat dev.pillion");
    }

    @Test
    void refusesWhatDoesNotFitTheMemory() {
        Run run = run("run", "--prompt", "x", "--kv-bytes", "1K");
        assertThat(run.err()).contains("KV cache");
        assertThat(run.code()).isEqualTo(ExitCode.OUT_OF_MEMORY.code());
    }

    @Test
    void endsQuietlyWhenNobodyReadsOn() {
        Run run = runInto(new FailingOutput("Broken pipe"));
        assertThat(run.code()).isZero();
        assertThat(run.err()).isEmpty();
    }

    @Test
    void reportsOutputThatCannotBeWritten() {
        Run run = runInto(new FailingOutput("No space left on device"));
        assertThat(run.code()).isEqualTo(ExitCode.FAILURE.code());
        assertThat(run.err()).contains("No space left on device");
    }

    private Run runInto(OutputStream out) {
        StringWriter err = new StringWriter();
        CommandContext context = new CommandContext(
                new ResultWriter(out),
                new PrintWriter(err),
                new ByteArrayInputStream(new byte[0]),
                Map.of("HOME", folder.toString()),
                false,
                false);
        return new Run(PillionCommand.execute(context, "run", "--quiet", "--prompt", "Once"), "", err.toString());
    }

    private static final class FailingOutput extends OutputStream {
        private final String reason;

        private FailingOutput(String reason) {
            this.reason = reason;
        }

        @Override
        public void write(int b) throws IOException {
            throw new IOException(reason);
        }
    }

    @Test
    void givesEachExitCodeOnce() {
        assertThat(ExitCode.values()).extracting(ExitCode::code).containsExactly(0, 1, 2, 3, 4, 5, 130);
    }
}
