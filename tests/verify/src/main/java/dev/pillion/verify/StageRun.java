package dev.pillion.verify;

import dev.pillion.benchmarks.gpu.ResultRow;
import dev.pillion.benchmarks.gpu.ResultRows;
import dev.pillion.benchmarks.gpu.TimeLeft;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a stage has at hand while it runs: its time, programs to start, and the rows. */
final class StageRun {
    /** Name of the row that says that a stage as a whole did not do what it should. */
    static final String WHOLE = "the stage";

    private final String stage;
    private final VerifyOptions options;
    private final Path scratch;
    private final ResultRows out;
    private final TimeLeft time;

    StageRun(String stage, VerifyOptions options, Path scratch, ResultRows out, Duration time) {
        this.stage = stage;
        this.options = options;
        this.scratch = scratch;
        this.out = out;
        this.time = new TimeLeft(time);
    }

    VerifyOptions options() {
        return options;
    }

    /** The stage's time that is left. */
    TimeLeft time() {
        return time;
    }

    /** Rows of all stages so far. */
    List<ResultRow> rowsSoFar() {
        return out.rows();
    }

    /** Where programs write to. */
    Path log() {
        return options.out().resolve("verify.log");
    }

    /** A file for a program to write to. */
    Path scratch(String name) {
        return scratch.resolve(name);
    }

    /** Adds a row. */
    void add(ResultRow row) {
        out.add(row);
    }

    /** Adds a fact: a row with a text in place of a number. */
    void fact(String name, String text) {
        add(ResultRow.missing(stage, name, "", "", text));
    }

    /** Adds a row that says that something was not done, which is no failure. */
    void skipped(String name, String reason) {
        System.out.println("  skipped: " + name + ": " + reason);
        add(ResultRow.missing(stage, name, "", "", "skipped: " + reason));
    }

    /** Adds the row of a stage that is not run for want of a device. */
    static void skippedWhole(String stage, String reason, ResultRows rows) {
        System.out.println(stage + ": skipped: " + reason);
        rows.add(ResultRow.missing(stage, WHOLE, "", "", "skipped: " + reason));
    }

    /** Leaves what went wrong in the log, for those who look for its cause. */
    void log(Throwable failure) {
        try (PrintWriter log = new PrintWriter(Files.newBufferedWriter(
                log(), StandardOpenOption.CREATE, StandardOpenOption.APPEND))) {
            failure.printStackTrace(log);
        } catch (IOException e) {
            System.err.println("verify-gpu: cannot write " + log() + ": " + e);
        }
    }

    /** Adds a row that says that something failed. */
    void failed(String name, String reason) {
        System.out.println("  FAILED: " + name + ": " + reason);
        add(ResultRow.missing(stage, name, "", "", "failed: " + reason).target("", Optional.of(false)));
    }

    /** Whether the bundle has a program. */
    static boolean has(String mainClass) {
        try {
            Class.forName(mainClass, false, StageRun.class.getClassLoader());
            return true;
        } catch (ClassNotFoundException e) {
            return false;
        }
    }

    /** The command that runs a main class of the bundle on its own runtime. */
    List<String> java(String mainClass, List<String> arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules",
                "jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED",
                "-XX:+UseSerialGC",
                "-Dpillion.test.gpu=" + options.driver(),
                "-Dpillion.home=" + options.home(),
                "-cp",
                System.getProperty("java.class.path"),
                mainClass));
        command.addAll(arguments);
        return command;
    }

    /** Runs a program within the stage's time. */
    ChildRun run(List<String> command, Duration limit) throws IOException, InterruptedException {
        return ChildRun.run(command, Map.of(), limit, log());
    }

    /**
     * Runs a program that writes rows, and takes them over, also when it fails half way.
     *
     * @param rows file it writes to
     * @return what became of it
     */
    ChildRun measure(List<String> command, Path rows) throws IOException, InterruptedException {
        ChildRun child = run(command, Duration.ofMillis((long) (1000 * time.seconds())));
        if (Files.exists(rows)) {
            ResultRows.read(rows).forEach(this::add);
        }
        return child;
    }
}
