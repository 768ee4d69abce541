package dev.pillion.verify;

import dev.pillion.benchmarks.gpu.ResultRow;
import dev.pillion.cuda.NativeGpuDriver;
import dev.pillion.kernels.driver.GpuDeviceInfo;
import dev.pillion.kernels.driver.GpuDriver;
import dev.pillion.kernels.virtual.VirtualGpuDriver;
import dev.pillion.spi.BackendUnavailableException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What the figures were measured on, and whether the driver opens at all. */
record EnvironmentStage(double weight) implements Stage {
    static final String NAME = "environment";
    static final String GPU = "GPU";
    static final String DRIVER = "driver";
    static final String DATE = "date";
    static final String COMMIT = "commit";

    private static final Duration LONGEST = Duration.ofSeconds(20);
    private static final String NO_DEVICE = "the driver sees no device";
    private static final String SMI_FIELDS =
            "name,driver_version,memory.total,memory.used,pstate,clocks.sm,clocks.max.sm,clocks.mem,power.limit,"
                    + "temperature.gpu,utilization.gpu";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public boolean decides() {
        return true;
    }

    @Override
    public boolean needsDevice() {
        return false;
    }

    /** Why no device can be used here, in words; empty if one can. */
    static Optional<String> missingDevice() {
        try (GpuDriver driver = NativeGpuDriver.open(Optional.empty())) {
            return driver.deviceCount() == 0 ? Optional.of(NO_DEVICE) : Optional.empty();
        } catch (BackendUnavailableException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    @Override
    public void run(StageRun run) throws IOException, InterruptedException {
        run.fact(DATE, Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
        run.fact(COMMIT, firstLine(run.options().home().resolve("COMMIT")));
        run.fact("Java", System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"));
        run.fact("system", System.getProperty("os.name") + " " + System.getProperty("os.version") + ", "
                + processor() + ", " + Runtime.getRuntime().availableProcessors() + " cores, " + memory());
        try (GpuDriver driver = run.options().virtual()
                ? VirtualGpuDriver.builder().build()
                : NativeGpuDriver.open(Optional.empty())) {
            describe(run, driver);
        } catch (BackendUnavailableException e) {
            run.failed(DRIVER, String.valueOf(e.getMessage()));
            return;
        }
        if (!run.options().virtual()) {
            smi(run);
        }
    }

    private static void describe(StageRun run, GpuDriver driver) {
        run.fact(DRIVER, driver.description());
        if (driver.deviceCount() == 0) {
            run.failed(GPU, NO_DEVICE);
            return;
        }
        GpuDeviceInfo device = driver.device(0);
        run.add(ResultRow.of(NAME, GPU, "", device.totalMemoryBytes() / 1e9, "GB")
                .withNote(device.name() + ", compute capability " + device.computeMajor() + "." + device.computeMinor()
                        + ", " + device.multiprocessors() + " multiprocessors, level 2 cache "
                        + (device.l2Bytes() >> 20) + " MiB"));
    }

    private static void smi(StageRun run) throws IOException, InterruptedException {
        Optional<Path> smi = Programs.find("nvidia-smi");
        if (smi.isEmpty()) {
            run.skipped("nvidia-smi", "not found");
            return;
        }
        Path answer = run.scratch("nvidia-smi.csv");
        List<String> command = List.of(smi.get().toString(), "--query-gpu=" + SMI_FIELDS, "--format=csv,noheader");
        ChildRun child = ChildRun.run(command, Map.of(), LONGEST, answer);
        run.fact("nvidia-smi", child.ok() ? lastLine(answer) + " (" + SMI_FIELDS + ")" : child.outcome());
    }

    private static String firstLine(Path file) throws IOException {
        return Files.isRegularFile(file) ? Files.readString(file).lines().findFirst().orElse("unknown") : "unknown";
    }

    private static String lastLine(Path file) throws IOException {
        return Files.readString(file).lines().filter(line -> !line.isBlank()).reduce("", (before, line) -> line);
    }

    private static String processor() throws IOException {
        return field(Path.of("/proc/cpuinfo"), "model name");
    }

    private static String memory() throws IOException {
        String kibibytes = field(Path.of("/proc/meminfo"), "MemTotal").replace(" kB", "");
        return kibibytes.matches("[0-9]+") ? (Long.parseLong(kibibytes) >> 20) + " GiB of memory" : "memory unknown";
    }

    private static String field(Path file, String key) throws IOException {
        if (!Files.isReadable(file)) {
            return "unknown " + key;
        }
        return Files.readAllLines(file, StandardCharsets.UTF_8).stream()
                .filter(line -> line.startsWith(key))
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .findFirst()
                .orElse("unknown " + key);
    }
}
