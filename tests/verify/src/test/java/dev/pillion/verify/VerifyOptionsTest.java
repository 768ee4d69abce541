package dev.pillion.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command line, and programs that do not end by themselves. */
class VerifyOptionsTest {
    @TempDir
    Path folder;

    private static VerifyOptions parse(String... args) {
        return VerifyOptions.parse(Path.of("/bundle"), args, List.of("environment", "kernels"));
    }

    @Test
    void optionsAreTaken() {
        VerifyOptions options = parse("--minutes", "8", "--stages", "kernels", "--out", "/results");
        assertThat(options.time()).isEqualTo(Duration.ofMinutes(8));
        assertThat(options.wants("kernels")).isTrue();
        assertThat(options.wants("environment")).isFalse();
        assertThat(options.driver()).isEqualTo("native");
        assertThat(parse("--virtual").driver()).isEqualTo("virtual");
        assertThat(parse().wants("environment")).isTrue();
    }

    @Test
    void whatCannotBeUnderstoodIsNamed() {
        assertThatThrownBy(() -> parse("--minutes", "soon")).hasMessageContaining("soon");
        assertThatThrownBy(() -> parse("--minutes")).hasMessageContaining("--minutes needs a value");
        assertThatThrownBy(() -> parse("--fast")).hasMessageContaining("--fast");
        assertThatThrownBy(() -> parse("--stages", "kernel")).hasMessageContaining("\"kernel\"").hasMessageContaining("kernels");
    }

    @Test
    void aProgramIsStoppedWhenItsTimeIsOverAndSoIsWhatItStarted() throws Exception {
        Path child = folder.resolve("child");
        List<String> command = List.of("/bin/sh", "-c", "sleep 600 & echo $! > " + child + "; echo begun; wait");
        Path log = folder.resolve("log");

        ChildRun run = ChildRun.run(command, Map.of(), Duration.ofSeconds(2), log);

        assertThat(run.stopped()).isTrue();
        assertThat(run.ok()).isFalse();
        assertThat(run.outcome()).isEqualTo("stopped when its 2 s were over");
        assertThat(log).content().contains("begun");
        long pid = Long.parseLong(Files.readString(child).strip());
        ProcessHandle.of(pid).ifPresent(left -> left.onExit().join());
    }

    @Test
    void exitCodeAndOutputAreKept() throws Exception {
        Path log = folder.resolve("log");
        List<String> command = List.of("/bin/sh", "-c", "echo out; echo err >&2; exit 3");
        ChildRun run = ChildRun.run(command, Map.of(), Duration.ofMinutes(1), log);
        assertThat(run.outcome()).isEqualTo("exit code 3");
        assertThat(log).content().contains("out\n").contains("err\n");
    }
}
