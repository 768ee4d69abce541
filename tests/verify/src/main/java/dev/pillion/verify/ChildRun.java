package dev.pillion.verify;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A program that was run to its end or stopped because its time was over.
 *
 * @param exitCode its exit code; meaningless if it was stopped
 * @param stopped whether it was stopped
 * @param limit its time
 */
record ChildRun(int exitCode, boolean stopped, Duration limit) {
    /** Runs a program; what it writes is added to a log. */
    static ChildRun run(List<String> command, Map<String, String> environment, Duration limit, Path log)
            throws IOException, InterruptedException {
        Files.writeString(
                log,
                "\n$ " + String.join(" ", command) + "\n",
                StandardOpenOption.CREATE,
                StandardOpenOption.APPEND);
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().putAll(environment);
        Process process = builder.start();
        boolean ended;
        try {
            ended = process.waitFor(Math.max(1, limit.toMillis()), TimeUnit.MILLISECONDS);
        } finally {
            stop(process);
        }
        return new ChildRun(process.waitFor(), !ended, limit);
    }

    /** The process and what it started: none may hold the device when the next stage begins. */
    private static void stop(Process process) {
        List<ProcessHandle> descendants = process.descendants().toList();
        process.destroyForcibly();
        descendants.forEach(ProcessHandle::destroyForcibly);
    }

    /** Whether it ended by itself with exit code 0. */
    boolean ok() {
        return !stopped && exitCode == 0;
    }

    /** What became of it, for people. */
    String outcome() {
        return stopped ? "stopped when its " + limit.toSeconds() + " s were over" : "exit code " + exitCode;
    }
}
