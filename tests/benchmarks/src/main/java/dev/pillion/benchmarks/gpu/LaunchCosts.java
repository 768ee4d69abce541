package dev.pillion.benchmarks.gpu;

import dev.pillion.benchmarks.Samples;
import dev.pillion.benchmarks.gpu.KernelLine.SkippedException;
import dev.pillion.kernels.driver.GpuContext;
import dev.pillion.kernels.driver.KernelLaunch;
import dev.pillion.kernels.driver.KernelSignature;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * What it costs to start a kernel that does nothing: through the Foreign Function and Memory API, from a loop in C over the
 * same driver, and as a node of a graph. A queue takes a thousand launches before the driver makes the caller wait, so what
 * is timed on the host is the call alone.
 */
final class LaunchCosts {
    static final String FFM = "launch through FFM";
    static final String C = "launch from C";
    static final String GRAPH = "graph replay, per node";

    private static final String STAGE = "ceilings";
    private static final int LAUNCHES = 1000;
    private static final int TINY_LAUNCHES = 3;
    private static final int REPETITIONS = 200;
    /** A launch through FFM beside one from C: the figure a survey of peers calls parity. */
    private static final double RATIO_TARGET = 1.2;

    private static final long C_SECONDS = 60;
    private static final String PTX = """
            .version 7.0
            .target sm_80
            .address_size 64
            .visible .entry nothing(.param .u64 a, .param .u64 b, .param .u64 c, .param .u64 d, .param .u64 e, .param .u32 f,
                .param .u32 g, .param .u32 h) { ret; }
            """;

    private final BenchmarkGpu gpu;
    private double ffmMicros = Double.NaN;

    LaunchCosts(BenchmarkGpu gpu) {
        this.gpu = gpu;
    }

    private int launches() {
        return gpu.isVirtual() ? TINY_LAUNCHES : LAUNCHES;
    }

    String shape() {
        return launches() + " launches of an empty kernel with 8 arguments";
    }

    private KernelLaunch nothing() {
        GpuContext context = gpu.context();
        long module = context.loadModule("nothing", PTX.getBytes(StandardCharsets.US_ASCII));
        KernelSignature signature = new KernelSignature("nothing", List.of(8, 8, 8, 8, 8, 4, 4, 4));
        return new KernelLaunch(context.function(module, "nothing"), signature, gpu.arena()).block(128, 1, 1);
    }

    /** Host time of a launch, two arguments set anew as a step does it. */
    ResultRow throughFfm() {
        KernelLaunch launch = nothing();
        Samples samples = new Samples();
        int repetitions = gpu.isVirtual() ? 1 : 2 * REPETITIONS;
        for (int i = 0; i < repetitions; i++) {
            long begin = System.nanoTime();
            for (int n = 0; n < launches(); n++) {
                gpu.launch(launch.set(0, (long) n).set(5, n));
            }
            long end = System.nanoTime();
            gpu.synchronize();
            // The first half lets the compiler see what is hot.
            if (i >= repetitions / 2) {
                samples.add((end - begin) / 1e3 / launches());
            }
        }
        ffmMicros = samples.median();
        return ResultRow.of(STAGE, FFM, shape(), ffmMicros, "us").withNote(spread(samples));
    }

    private static String spread(Samples samples) {
        return String.format(
                Locale.ROOT, "%.3f to %.3f, %d samples", samples.quantile(0.1), samples.quantile(0.9), samples.count());
    }

    /** Device time of a node of a graph of launches one after the other. */
    ResultRow graph(GpuTimer timer) {
        KernelLaunch launch = nothing();
        GpuTimer.Timing timing = timer.time(launches(), true, turn -> gpu.launch(launch.set(5, turn)));
        return ResultRow.of(STAGE, GRAPH, shape(), timing.micros(), "us").withNote(timing.toString());
    }

    /** The same loop in C, compiled here. */
    ResultRow fromC() {
        if (gpu.isVirtual()) {
            throw new SkippedException("C knows no virtual GPU");
        }
        try {
            Path folder = Files.createTempDirectory("launch-loop");
            Path program = compile(folder);
            Path ptx = Files.writeString(folder.resolve("nothing.ptx"), PTX, StandardCharsets.US_ASCII);
            double micros = run(program, driverLibrary(), ptx);
            ResultRow row = ResultRow.of(STAGE, C, shape(), micros, "us");
            if (Double.isNaN(ffmMicros)) {
                return row;
            }
            double ratio = ffmMicros / micros;
            return row.withNote(String.format(Locale.ROOT, "through FFM %.3f us, %.2f times this", ffmMicros, ratio))
                    .target("FFM <= " + RATIO_TARGET + " times this", Optional.of(ratio <= RATIO_TARGET));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Compiles the loop with the first compiler there is. */
    static Path compile(Path folder) throws IOException {
        Path source = folder.resolve("launch_loop.c");
        try (InputStream resource = LaunchCosts.class.getResourceAsStream("launch_loop.c")) {
            Files.write(source, resource.readAllBytes());
        }
        Path program = folder.resolve("launch_loop");
        for (String compiler : List.of("cc", "gcc", "clang", "nvcc")) {
            try {
                Process process = new ProcessBuilder(compiler, "-O2", "-o", program.toString(), source.toString(), "-ldl")
                        .redirectErrorStream(true)
                        .redirectOutput(folder.resolve(compiler + ".log").toFile())
                        .start();
                if (waited(process) == 0) {
                    return program;
                }
            } catch (IOException e) {
                // Not installed; the next one may be.
            }
        }
        throw new SkippedException("no C compiler here");
    }

    private static double run(Path program, String library, Path ptx) throws IOException {
        Path out = program.resolveSibling("out.txt");
        Process process = new ProcessBuilder(
                        program.toString(), library, ptx.toString(), "" + LAUNCHES, "" + REPETITIONS)
                .redirectErrorStream(true)
                .redirectOutput(out.toFile())
                .start();
        int status = waited(process);
        String said = Files.readString(out).strip();
        if (status != 0) {
            throw new IllegalStateException("the loop in C ended with " + status + ": " + said);
        }
        return Double.parseDouble(said) / 1e3;
    }

    private static int waited(Process process) {
        try {
            if (process.waitFor(C_SECONDS, TimeUnit.SECONDS)) {
                return process.exitValue();
            }
            process.destroyForcibly();
            return -1;
        } catch (InterruptedException e) {
            process.destroyForcibly();
            throw new IllegalStateException("interrupted", e);
        }
    }

    /** The driver's file as it is mapped into this process, wherever the search found it. */
    private static String driverLibrary() throws IOException {
        try (Stream<String> maps = Files.lines(Path.of("/proc/self/maps"))) {
            return maps.filter(line -> line.contains("/libcuda.so"))
                    .map(line -> line.substring(line.indexOf('/')))
                    .findFirst()
                    .orElse("libcuda.so.1");
        }
    }
}
