package dev.pillion.cli;

import dev.pillion.EngineOptions;
import dev.pillion.analysis.BackendChoice;
import dev.pillion.analysis.CalibrationFile;
import dev.pillion.analysis.CalibrationKeys;
import dev.pillion.analysis.CeilingMeasurement;
import dev.pillion.analysis.DeviceSpec;
import dev.pillion.analysis.Effort;
import dev.pillion.analysis.HostDevice;
import dev.pillion.analysis.MeasuredCeilings;
import dev.pillion.analysis.StepCheck;
import dev.pillion.analysis.StepTimeMeasurement;
import dev.pillion.analysis.StepTimes;
import dev.pillion.model.Model;
import dev.pillion.spi.Backend;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code pillion calibrate}: what this device can do, and what a model's steps take on it. */
@Command(
        name = "calibrate",
        description = {
            "Measures the device: bandwidth, arithmetic, launch time, and what the operations of the",
            "model's steps take. Keeps the results for pillion analyze --device measured."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        versionProvider = Version.class)
final class CalibrateCommand implements Callable<Integer> {
    private static final double TOLERANCE = 0.25;
    private static final int SEQUENCES = 16;

    @ParentCommand
    private PillionCommand pillion;

    @Mixin
    private ModelOption model;

    @Option(
            names = "--check",
            description = "Run a mixed workload and compare step times with what was measured before; measure first "
                    + "where nothing was.")
    private boolean check;

    @Option(
            names = "--check-steps",
            paramLabel = "N",
            description = "Steps of the mixed workload (default: ${DEFAULT-VALUE}).")
    private int checkSteps = 100;

    @Option(
            names = "--check-repetitions",
            paramLabel = "N",
            description = "How often each of them runs at least; medians are compared, and single steps (default: "
                    + "${DEFAULT-VALUE}).")
    private int checkRepetitions = 5;

    @Option(
            names = "--quick",
            description = "Small matrices and few repetitions: a first impression, in which caches help too much.")
    private boolean quick;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Mixin
    private EngineOptionGroup engineOptions;

    @Override
    public Integer call() {
        atLeastOne("--check-steps", checkSteps);
        atLeastOne("--check-repetitions", checkRepetitions);
        CommandContext context = pillion.context();
        EngineOptions options = engineOptions.options(1).build();
        try (Model opened = model.open(context); Backend backend = BackendChoice.open(options)) {
            pillion.report("backend " + backend.name() + ": " + backend.description());
            Path file = CalibrationFile.place(Calibrations.folder(context), CalibrationKeys.device(backend));
            Effort effort = quick ? Effort.QUICK : Effort.FULL;
            StepTimeMeasurement steps =
                    new StepTimeMeasurement(opened, backend, options, SEQUENCES, effort, pillion::report);
            String key = CalibrationKeys.model(opened, options.kvType().orElse(backend.profile().kvTypes().getFirst()));
            Optional<StepTimes> known = check ? stored(file, key) : Optional.empty();
            // Steps come first: code that the measurements of the ceilings have run is compiled for them too, and no
            // longer as it is in an engine.
            StepTimes times = known.orElseGet(steps::measure);
            Optional<StepCheck> checked =
                    check ? Optional.of(steps.check(times, checkSteps, checkRepetitions)) : Optional.empty();
            if (known.isEmpty()) {
                keep(times, new CeilingMeasurement(backend, effort, pillion::report).measure(opened), backend, file, key);
            }
            checked.ifPresent(result -> compare(result, context.out()));
        }
        return ExitCode.OK.code();
    }

    private static void atLeastOne(String option, int value) {
        if (value < 1) {
            throw new CliException(ExitCode.USAGE, option + " is " + value + "; give at least 1");
        }
    }

    private static Optional<StepTimes> stored(Path file, String key) {
        return Files.exists(file) ? Optional.ofNullable(Calibrations.read(file).models().get(key)) : Optional.empty();
    }

    private void keep(StepTimes times, MeasuredCeilings measured, Backend backend, Path file, String key) {
        Map<String, StepTimes> models = new LinkedHashMap<>();
        if (Files.exists(file)) {
            models.putAll(Calibrations.read(file).models());
        }
        models.put(key, times);
        // Only of the CPU is it known that the machine's memory is the device's.
        OptionalLong memory =
                backend.name().equals("cpu") ? OptionalLong.of(HostDevice.memoryBytes()) : OptionalLong.empty();
        DeviceSpec device = new DeviceSpec(
                backend.description() + ", " + HostDevice.processorName(),
                "measured by pillion calibrate",
                measured.ceilings(),
                memory);
        Calibrations.write(CalibrationFile.of(device, measured, models), file);
        print(measured, times, pillion.context().out());
        pillion.report("kept in " + file);
    }

    private void print(MeasuredCeilings measured, StepTimes times, ResultWriter out) {
        if (json) {
            if (!check) {
                JsonOutput.line(out, ceilingsJson(measured, times));
            }
            return;
        }
        out.line(String.format(
                Locale.ROOT, "copy bandwidth   %8.2f GB/s, read and write", measured.copyBytesPerSecond() / 1e9));
        for (MeasuredCeilings.LinearRate rate : measured.linear()) {
            out.line(String.format(
                    Locale.ROOT,
                    "linear %-8s  %8.2f GB/s of weights with one row, %9.2f GFLOP/s with many",
                    rate.type(),
                    rate.readBytesPerSecond() / 1e9,
                    rate.flopsPerSecond() / 1e9));
        }
        out.line(String.format(
                Locale.ROOT, "launch           %8.3f us an operation", measured.launchSeconds() * 1e6));
        out.line(String.format(
                Locale.ROOT, "step             %8.3f us beside its operations", times.stepSeconds() * 1e6));
        out.flush();
    }

    private static Map<String, Object> ceilingsJson(MeasuredCeilings measured, StepTimes times) {
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("bandwidth_gbs", measured.ceilings().bytesPerSecond() / 1e9);
        result.put("tflops", measured.ceilings().flopsPerSecond() / 1e12);
        result.put("launch_us", measured.launchSeconds() * 1e6);
        result.put("copy_gbs", measured.copyBytesPerSecond() / 1e9);
        result.put("step_us", times.stepSeconds() * 1e6);
        return result;
    }

    /** Ratios of measured to predicted time. */
    private void compare(StepCheck steps, ResultWriter out) {
        int repetitions = steps.measuredSeconds()[0].length;
        Map<String, Object> medians = distribution(steps.medianRatios());
        Map<String, Object> singles = distribution(steps.singleRatios());
        Map<String, Object> refitted = distribution(steps.refittedRatios());
        if (json) {
            Map<String, Object> result = new LinkedHashMap<>();
            result.put("repetitions", repetitions);
            result.putAll(medians);
            result.put("single", singles);
            result.put("refitted", refitted);
            JsonOutput.line(out, result);
            return;
        }
        out.line("measured over predicted time of " + checkSteps + " steps of a mixed workload, medians of "
                + repetitions + " repetitions");
        print(medians, out);
        out.line("and of the " + checkSteps * repetitions + " single steps");
        print(singles, out);
        out.line("and of the single steps, each predicted after a refit with those before it, as in an engine");
        print(refitted, out);
        out.flush();
    }

    private static Map<String, Object> distribution(double[] ratios) {
        Percentiles distribution = new Percentiles(ratios);
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("steps", ratios.length);
        for (int percent : List.of(1, 5, 25, 50, 75, 95, 99)) {
            result.put("p" + percent, distribution.at(percent / 100.0));
        }
        long within = Arrays.stream(ratios)
                .filter(ratio -> Math.abs(1 / ratio - 1) <= TOLERANCE)
                .count();
        result.put("within_25_percent", (double) within / ratios.length);
        return result;
    }

    private static void print(Map<String, Object> distribution, ResultWriter out) {
        distribution.forEach((name, value) -> {
            if (name.startsWith("p")) {
                out.line(String.format(Locale.ROOT, "  %-4s %6.3f", name, value));
            }
        });
        out.line(String.format(
                Locale.ROOT,
                "  predicted within 25 %% of measured: %.1f %% of steps",
                100 * (double) distribution.get("within_25_percent")));
    }
}
