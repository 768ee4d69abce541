package dev.pillion.verify;

import dev.pillion.benchmarks.gpu.ResultRow;
import dev.pillion.benchmarks.gpu.ResultRows;
import dev.pillion.benchmarks.gpu.TimeLeft;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.stream.Stream;

/**
 * Verifies and measures everything on the machine it runs on: what {@code verify-gpu.sh} starts. Stages come in the order of
 * their value; each gets its share of the time that is left, so what one does not use goes to the next. A stage that fails or
 * is stopped leaves the rows it wrote and one that says so, and the others go on.
 *
 * <p>Exit code 0 if the stages that decide about correctness passed, 1 if one of them did not, 2 for a command line that
 * cannot be understood.
 */
public final class VerifyGpu {
    private static final List<Stage> STAGES = List.of(
            new EnvironmentStage(1),
            new ProgramStage("ceilings", 3, "dev.pillion.benchmarks.gpu.Ceilings", false),
            new ConformanceStage(10),
            new ProgramStage("end-to-end", 11, "dev.pillion.benchmarks.gpu.EndToEnd", true),
            new ProgramStage("kernels", 6, "dev.pillion.benchmarks.gpu.KernelTable", false),
            new PeersStage(4));
    private static final int BAD_USAGE = 2;

    private final VerifyOptions options;
    private final String command;
    private final ResultRows rows;
    /** Why nothing can be measured; said once, by the first stage that needs a device. */
    private final Optional<String> missingDevice;

    private VerifyGpu(VerifyOptions options, String command) {
        this.options = options;
        this.command = command;
        this.rows = new ResultRows(options.out().resolve("results.json"));
        this.missingDevice = options.virtual() ? Optional.empty() : EnvironmentStage.missingDevice();
    }

    /** Runs the stages. The property {@code pillion.home} names the unpacked bundle. */
    public static void main(String[] args) throws InterruptedException {
        VerifyOptions options;
        try {
            options = VerifyOptions.parse(
                    Path.of(System.getProperty("pillion.home", ".")).toAbsolutePath(),
                    args,
                    STAGES.stream().map(Stage::name).toList());
        } catch (VerifyOptions.UsageException e) {
            if (!e.getMessage().isEmpty()) {
                System.err.println("verify-gpu: " + e.getMessage());
            }
            System.err.print(VerifyOptions.USAGE);
            System.exit(e.getMessage().isEmpty() ? 0 : BAD_USAGE);
            return;
        }
        try {
            Files.createDirectories(options.out());
            Files.deleteIfExists(options.out().resolve("verify.log"));
            System.exit(new VerifyGpu(options, command(args)).run() ? 0 : 1);
        } catch (IOException | UncheckedIOException e) {
            System.err.println("verify-gpu: cannot write to " + options.out() + ": " + e + "; give another --out");
            System.exit(BAD_USAGE);
        }
    }

    /** As it can be typed again. */
    private static String command(String[] args) {
        StringJoiner command = new StringJoiner(" ").add("verify-gpu.sh");
        for (String argument : args) {
            command.add(argument.matches("[\\w./,:=-]+") ? argument : "'" + argument.replace("'", "'\\''") + "'");
        }
        return command.toString();
    }

    private boolean run() throws IOException, InterruptedException {
        TimeLeft time = new TimeLeft(options.time());
        Path scratch = Files.createTempDirectory("verify-gpu");
        List<Stage> wanted = STAGES.stream().filter(stage -> options.wants(stage.name())).toList();
        try {
            double weights = wanted.stream().mapToDouble(Stage::weight).sum();
            for (Stage stage : wanted) {
                Duration share = Duration.ofMillis((long) (1000 * Math.max(0, time.seconds()) * stage.weight() / weights));
                weights -= stage.weight();
                run(stage, scratch, share);
                Files.writeString(options.out().resolve("results.md"), ResultTable.of(compared(), command));
            }
        } finally {
            delete(scratch);
        }
        finish();
        return report(wanted);
    }

    private void run(Stage stage, Path scratch, Duration share) throws InterruptedException {
        if (stage.needsDevice() && missingDevice.isPresent()) {
            String known = options.wants(EnvironmentStage.NAME) ? "" : ": " + missingDevice.get();
            StageRun.skippedWhole(stage.name(), "there is no device" + known, rows);
            return;
        }
        long start = System.nanoTime();
        int before = rows.rows().size();
        System.out.printf(Locale.ROOT, "%s: up to %d s%n", stage.name(), share.toSeconds());
        StageRun run = new StageRun(stage.name(), options, scratch, rows, share);
        if (share.toMillis() < 1000) {
            run.failed(StageRun.WHOLE, "no time was left for it");
            return;
        }
        try {
            stage.run(run);
        } catch (IOException | RuntimeException | LinkageError e) {
            run.log(e);
            run.failed(StageRun.WHOLE, e + "; see verify.log");
        }
        System.out.printf(
                Locale.ROOT,
                "%s: %d rows in %.1f s%n",
                stage.name(),
                rows.rows().size() - before,
                (System.nanoTime() - start) / 1e9);
    }

    /** Peers are known only at the end. */
    private void finish() {
        ResultRows last = new ResultRows(options.out().resolve("results.json"));
        compared().forEach(last::add);
    }

    /** The virtual GPU is not for speed: there a peer's figures only show that it was run. */
    private List<ResultRow> compared() {
        return options.virtual() ? rows.rows() : PeerComparison.of(rows.rows());
    }

    private boolean report(List<Stage> wanted) {
        boolean correct = missingDevice.isEmpty();
        missingDevice.ifPresent(reason -> System.out.println("FAILED: there is no device to verify: " + reason));
        for (Stage stage : wanted) {
            List<ResultRow> of = compared().stream().filter(row -> row.stage().equals(stage.name())).toList();
            long failed = of.stream().filter(row -> !row.passed().orElse(true)).count();
            if (stage.needsDevice() && missingDevice.isPresent()) {
                continue;
            }
            if (stage.decides()) {
                correct &= failed == 0 && !of.isEmpty();
                System.out.println((failed == 0 ? "passed: " : "FAILED: ") + stage.name());
            } else if (failed > 0) {
                System.out.println(stage.name() + ": " + failed + " targets missed or parts failed");
            }
        }
        System.out.println("results: " + options.out().resolve("results.md"));
        return correct;
    }

    private static void delete(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot delete " + folder, e);
        }
    }
}
