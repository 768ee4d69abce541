package dev.pillion.benchmarks.gpu;

import dev.pillion.Engine;
import dev.pillion.EngineOptions;
import dev.pillion.GenerationRequest;
import dev.pillion.cuda.VirtualGpuBackendProvider;
import dev.pillion.kernels.virtual.Check;
import dev.pillion.kernels.virtual.LaunchStatistics;
import dev.pillion.kernels.virtual.VirtualGpuDriver;
import dev.pillion.sampling.StopConditions;
import dev.pillion.spi.Backend;
import dev.pillion.spi.BackendOptions;
import dev.pillion.spi.BackendProvider;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;

/**
 * How fast the virtual GPU is: instructions a second while a model generates through the whole CUDA backend, as CI runs
 * it. Each round generates the same tokens; in the first the Java compiler still learns what is hot.
 *
 * <p>Arguments: model file, tokens, rounds, and {@code checks} or {@code unchecked}: whether every access is checked.
 */
public final class VirtualSpeed implements BackendProvider {
    private static final String NAME = "counted-virtual-gpu";
    private static final String PROMPT = "Once upon a time,";
    private static final AtomicReference<Counts> COUNTS = new AtomicReference<>(new Counts());
    private static final AtomicReference<Set<Check>> CHECKS = new AtomicReference<>(EnumSet.allOf(Check.class));

    /** For {@link java.util.ServiceLoader}. */
    public VirtualSpeed() {}

    private static final class Counts {
        private final LongAdder launches = new LongAdder();
        private final LongAdder warpInstructions = new LongAdder();
        private final LongAdder laneInstructions = new LongAdder();
        private final LongAdder kernelNanos = new LongAdder();

        private void add(LaunchStatistics launch) {
            launches.increment();
            warpInstructions.add(launch.warpInstructions());
            laneInstructions.add(launch.laneInstructions());
            kernelNanos.add(launch.nanos());
        }
    }

    /** Runs the measurement. */
    public static void main(String[] args) throws IOException {
        if (args.length != 4 || !args[3].equals("checks") && !args[3].equals("unchecked")) {
            throw new IllegalArgumentException("usage: MODEL TOKENS ROUNDS checks|unchecked");
        }
        int tokens = Integer.parseInt(args[1]);
        if (args[3].equals("unchecked")) {
            CHECKS.set(EnumSet.noneOf(Check.class));
        }
        EngineOptions options = EngineOptions.builder()
                .contextTokens(128)
                .maxSequences(1)
                .kvBytes(32L << 20)
                .backend(NAME)
                .build();
        try (Engine engine = open(Path.of(args[0]), options)) {
            System.out.println(engine.backendReport());
            System.out.println(
                    "round  tokens  launches  warp instructions  per s  thread instructions  per s  seconds  in kernels");
            for (int round = 1; round <= Integer.parseInt(args[2]); round++) {
                report(round, engine, tokens);
            }
        }
    }

    private static void report(int round, Engine engine, int tokens) {
        Counts counts = new Counts();
        COUNTS.set(counts);
        long begin = System.nanoTime();
        int generated = engine.generate(GenerationRequest.builder(PROMPT)
                        .stop(StopConditions.builder().maxTokens(tokens).ignoreEos(true).build())
                        .build())
                .tokens()
                .size();
        double seconds = (System.nanoTime() - begin) / 1e9;
        System.out.printf(
                Locale.ROOT,
                "%5d  %6d  %8d  %,17d  %,.0f  %,19d  %,.0f  %7.2f  %10.2f%n",
                round,
                generated,
                counts.launches.sum(),
                counts.warpInstructions.sum(),
                counts.warpInstructions.sum() / seconds,
                counts.laneInstructions.sum(),
                counts.laneInstructions.sum() / seconds,
                seconds,
                counts.kernelNanos.sum() / 1e9);
    }

    /** Opens an engine for which this class is among the services. */
    private static Engine open(Path model, EngineOptions options) throws IOException {
        Path folder = Files.createTempDirectory("virtual-speed");
        Path file = folder.resolve("META-INF/services/" + BackendProvider.class.getName());
        Files.createDirectories(file.getParent());
        Files.writeString(file, VirtualSpeed.class.getName());
        file.toFile().deleteOnExit();
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        try (URLClassLoader services = new URLClassLoader(new URL[] {folder.toUri().toURL()}, before)) {
            thread.setContextClassLoader(services);
            return Engine.open(model, options);
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public int priority() {
        return 0;
    }

    @Override
    public Availability probe(BackendOptions options) {
        return new Availability.Available("the virtual GPU, its instructions counted");
    }

    @Override
    public Backend open(BackendOptions options) {
        return new VirtualGpuBackendProvider(() -> VirtualGpuDriver.builder()
                        .checks(CHECKS.get())
                        .listener(launch -> COUNTS.get().add(launch))
                        .build())
                .open(options);
    }
}
