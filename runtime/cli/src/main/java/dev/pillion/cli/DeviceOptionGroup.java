package dev.pillion.cli;

import dev.pillion.EngineOptions;
import dev.pillion.analysis.BackendChoice;
import dev.pillion.analysis.CalibrationFile;
import dev.pillion.analysis.CalibrationKeys;
import dev.pillion.analysis.DeviceSpec;
import dev.pillion.analysis.StepTimes;
import dev.pillion.scheduler.DeviceCeilings;
import dev.pillion.spi.Backend;
import dev.pillion.spi.BackendOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of {@code pillion analyze} that name a device or give its ceilings. */
final class DeviceOptionGroup {
    private static final String MEASURED = "measured";
    private static final String GIVEN = "given on the command line";

    @Option(
            names = {"-d", "--device"},
            paramLabel = "D",
            description = "measured (by pillion calibrate, here), a100-80g, h100-sxm, h200-sxm, b200 or cpu (published "
                    + "peaks), or a JSON file (default: measured, unless the options below say enough).")
    private @Nullable String device;

    @Option(names = "--bandwidth-gbs", paramLabel = "X", description = "Memory bandwidth in GB/s.")
    private @Nullable Double bandwidth;

    @Option(names = "--tflops", paramLabel = "X", description = "Arithmetic in TFLOP/s.")
    private @Nullable Double tflops;

    @Option(names = "--memory-gib", paramLabel = "X", description = "Memory in GiB.")
    private @Nullable Double memory;

    @Option(names = "--launch-us", paramLabel = "X", description = "Time to start an operation in microseconds.")
    private @Nullable Double launch;

    @Option(
            names = "--backend",
            paramLabel = "NAME",
            description = "With measured: which backend (default: the first that works).")
    private @Nullable String backend;

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "With measured: threads of the CPU backend (default: one per core).")
    private int threads;

    @Option(
            names = "--cuda-library-path",
            paramLabel = "DIR",
            description = "With measured: folder in which NVIDIA's libraries are looked for first.")
    private @Nullable Path cudaLibraryPath;

    @Option(names = "--scalar", description = "With measured: the scalar kernels of the CPU backend.")
    private boolean scalar;

    /**
     * A device, and what is known of steps on it.
     *
     * @param spec the device
     * @param models step times by {@link CalibrationKeys#model}
     */
    record Chosen(DeviceSpec spec, Map<String, StepTimes> models) {}

    /** The device, with what the options say in place of what is known. */
    Chosen choose(CommandContext context) {
        if (device == null && bandwidth != null && tflops != null) {
            return new Chosen(given(), Map.of());
        }
        Chosen base = base(device == null ? MEASURED : device, context);
        boolean changed = bandwidth != null || tflops != null || launch != null;
        DeviceSpec spec = base.spec();
        DeviceCeilings known = spec.ceilings();
        DeviceCeilings ceilings = ceilings(
                bandwidth == null ? known.bytesPerSecond() : bandwidth * 1e9,
                tflops == null ? known.flopsPerSecond() : tflops * 1e12,
                launch == null ? known.launchSeconds() : launch * 1e-6);
        DeviceSpec result = new DeviceSpec(
                spec.name(),
                spec.origin() + (changed ? ", changed on the command line" : ""),
                ceilings,
                memory == null ? spec.memoryBytes() : memoryBytes());
        return new Chosen(result, changed ? Map.of() : base.models());
    }

    private DeviceSpec given() {
        return new DeviceSpec(
                "device",
                GIVEN,
                ceilings(
                        (bandwidth == null ? 0 : bandwidth) * 1e9,
                        (tflops == null ? 0 : tflops) * 1e12,
                        (launch == null ? 0 : launch) * 1e-6),
                memoryBytes());
    }

    private OptionalLong memoryBytes() {
        if (memory == null) {
            return OptionalLong.empty();
        }
        if (!(memory > 0) || memory > 1e9) {
            throw new CliException(ExitCode.USAGE, "--memory-gib is " + memory + "; give more than 0");
        }
        return OptionalLong.of((long) (memory * (1L << 30)));
    }

    private static DeviceCeilings ceilings(double bytes, double flops, double launchSeconds) {
        try {
            return new DeviceCeilings(bytes, flops, launchSeconds);
        } catch (IllegalArgumentException e) {
            throw new CliException(
                    ExitCode.USAGE, "--bandwidth-gbs and --tflops must be above 0, --launch-us 0 or more", e);
        }
    }

    private Chosen base(String name, CommandContext context) {
        if (name.equals(MEASURED)) {
            return measured(context);
        }
        Optional<DeviceSpec> known = DeviceSpec.published(name);
        if (known.isPresent()) {
            return new Chosen(known.get(), Map.of());
        }
        Path file = Path.of(name);
        if (!Files.isRegularFile(file)) {
            throw new CliException(ExitCode.USAGE, "no device \"" + name + "\"; give measured, one of "
                    + String.join(", ", DeviceSpec.publishedNames()) + ", or a JSON file of ceilings");
        }
        return read(file);
    }

    private Chosen measured(CommandContext context) {
        BackendOptions asked = new BackendOptions(threads, 0, scalar);
        EngineOptions.Builder options = EngineOptions.builder()
                .device(cudaLibraryPath == null ? asked : asked.withCudaLibraryPath(cudaLibraryPath));
        if (backend != null) {
            options.backend(backend);
        }
        try (Backend opened = BackendChoice.open(options.build())) {
            Path file = CalibrationFile.place(Calibrations.folder(context), CalibrationKeys.device(opened));
            if (!Files.isRegularFile(file)) {
                throw new CliException(ExitCode.FAILURE, "nothing was measured for " + opened.description() + " ("
                        + file + " is missing); run pillion calibrate, or give --device "
                        + String.join(", ", DeviceSpec.publishedNames()) + " or a file");
            }
            return read(file);
        }
    }

    private static Chosen read(Path file) {
        CalibrationFile ceilings = Calibrations.read(file);
        return new Chosen(ceilings.device(), ceilings.models());
    }
}
