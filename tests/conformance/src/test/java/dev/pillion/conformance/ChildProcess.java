package dev.pillion.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A finished process.
 *
 * @param exitCode its exit code
 * @param out what it wrote to stdout
 * @param err what it wrote to stderr
 */
record ChildProcess(int exitCode, String out, String err) {
    private static final int LONGEST_MINUTES = 10;

    /** Runs the {@code pillion} command in a JVM of its own, on this test's class path. */
    static ChildProcess pillion(Path folder, String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules",
                "jdk.incubator.vector",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.pillion.cli.PillionCommand"));
        command.addAll(List.of(arguments));
        return run(folder, Map.of(), command);
    }

    /** Runs a command to its end. */
    static ChildProcess run(Path folder, Map<String, String> environment, List<String> command) {
        Path out = folder.resolve("out.txt");
        Path err = folder.resolve("err.txt");
        try {
            ProcessBuilder builder = new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectOutput(out.toFile())
                    .redirectError(err.toFile());
            builder.environment().putAll(environment);
            Process process = builder.start();
            assertThat(process.waitFor(LONGEST_MINUTES, TimeUnit.MINUTES)).as("%s ended", command).isTrue();
            return new ChildProcess(
                    process.exitValue(),
                    Files.readString(out, StandardCharsets.UTF_8),
                    Files.readString(err, StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
