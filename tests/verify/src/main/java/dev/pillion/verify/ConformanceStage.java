package dev.pillion.verify;

import dev.pillion.benchmarks.gpu.ResultRow;
import dev.pillion.benchmarks.gpu.ResultRows;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The tests that run on the virtual GPU in every build, on this device: kernels against the scalar CPU kernels, greedy answers
 * of whole engines against the CPU backend, errors. Each class runs in a process of its own, since a fault of the device can
 * cost a process its driver. On a device compute-sanitizer then watches kernel tests, where it is installed and works.
 */
record ConformanceStage(double weight) implements Stage {
    static final String NAME = "conformance";

    /** Quick ones and the built-in model first: they tell most about a device that was never tried. */
    static final List<String> ON_A_DEVICE = List.of(
            "kernels.FlatKernelsTest",
            "kernels.NormKernelsTest",
            "kernels.RopeKernelTest",
            "kernels.CopyBlocksKernelTest",
            "kernels.UnpackKernelsTest",
            "kernels.LinearKernelsTest",
            "kernels.AttentionKernelsTest",
            "kernels.SampleKernelsTest",
            "GpuBuiltInModelTest",
            "GpuGreedyTest",
            "kernels.DeviceErrorsTest");

    private static final String TESTS = "dev.pillion.conformance.";
    /** The whole list takes minutes there, and every build runs it already. */
    private static final List<String> ON_THE_VIRTUAL_GPU = List.of(
            "kernels.FlatKernelsTest", "kernels.NormKernelsTest", "GpuBuiltInModelTest", "kernels.DeviceErrorsTest");
    /** Needs test data, which a bundle may lack. */
    private static final String WITH_DATA = "GpuGreedyTest";

    private static final List<String> WATCHED = List.of(
            "kernels.NormKernelsTest", "kernels.FlatKernelsTest", "kernels.AttentionKernelsTest", "kernels.LinearKernelsTest");
    private static final int SANITIZER_FOUND_ERRORS = 86;
    private static final double SANITIZER_SECONDS = 30;

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public boolean decides() {
        return true;
    }

    @Override
    public void run(StageRun run) throws IOException, InterruptedException {
        boolean data = Files.isDirectory(data(run));
        for (String test : run.options().virtual() ? ON_THE_VIRTUAL_GPU : ON_A_DEVICE) {
            if (test.equals(WITH_DATA) && !data) {
                run.skipped(simple(test), "this bundle was packed without test data (bundle.sh --data)");
            } else {
                check(run, test);
            }
        }
        if (!run.options().virtual()) {
            sanitize(run);
        }
    }

    private static Path data(StageRun run) {
        return run.options().home().resolve("verify/data");
    }

    private static void check(StageRun run, String test) throws IOException, InterruptedException {
        Path rows = run.scratch(test + ".json");
        if (run.time().seconds() <= 1) {
            run.failed(simple(test), "no time was left for it");
            return;
        }
        ChildRun child = run.measure(command(run, test, rows), rows);
        if (!Files.exists(rows)) {
            run.failed(simple(test), child.outcome() + " without a result; see verify.log");
        }
    }

    private static List<String> command(StageRun run, String test, Path rows) {
        List<String> java = new ArrayList<>(
                run.java(RunTests.class.getName(), List.of(rows.toString(), simple(test), TESTS + test)));
        java.add(1, "-Dpillion.test.data=" + data(run));
        return java;
    }

    private static String simple(String test) {
        return test.substring(test.lastIndexOf('.') + 1);
    }

    private static void sanitize(StageRun run) throws IOException, InterruptedException {
        Optional<Path> sanitizer = Programs.find("compute-sanitizer");
        for (String test : WATCHED) {
            String name = "compute-sanitizer memcheck, " + simple(test);
            if (sanitizer.isEmpty()) {
                run.skipped(name, "compute-sanitizer is not installed");
            } else if (run.time().seconds() < SANITIZER_SECONDS) {
                run.skipped(name, run.time().tooShortFor(SANITIZER_SECONDS));
            } else {
                sanitize(run, sanitizer.get(), test, name);
            }
        }
    }

    /** That the tool cannot watch here says nothing about the kernels; only errors that it found count. */
    private static void sanitize(StageRun run, Path sanitizer, String test, String name)
            throws IOException, InterruptedException {
        Path rows = run.scratch(test + ".sanitizer.json");
        List<String> command = new ArrayList<>(List.of(
                sanitizer.toString(),
                "--tool",
                "memcheck",
                "--target-processes",
                "all",
                "--error-exitcode",
                Integer.toString(SANITIZER_FOUND_ERRORS)));
        command.addAll(command(run, test, rows));
        ChildRun child = run.run(command, Duration.ofMillis((long) (1000 * run.time().seconds())));
        Optional<ResultRow> row =
                Files.exists(rows) ? ResultRows.read(rows).stream().findFirst() : Optional.empty();
        if (row.isEmpty() || child.stopped()) {
            run.skipped(name, "it does not run here: " + child.outcome());
            return;
        }
        boolean clean = child.exitCode() != SANITIZER_FOUND_ERRORS && row.get().passed().orElse(false);
        run.add(ResultRow.of(NAME, name, "", row.get().value().orElse(0), "tests")
                .target("", Optional.of(clean))
                .withNote(child.exitCode() == SANITIZER_FOUND_ERRORS ? "errors, see verify.log" : row.get().note()));
    }
}
