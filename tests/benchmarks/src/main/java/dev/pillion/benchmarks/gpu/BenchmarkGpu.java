package dev.pillion.benchmarks.gpu;

import dev.pillion.cuda.NativeGpuDriver;
import dev.pillion.kernels.KernelCatalogue;
import dev.pillion.kernels.driver.GpuContext;
import dev.pillion.kernels.driver.GpuDriver;
import dev.pillion.kernels.driver.KernelLaunch;
import dev.pillion.kernels.virtual.LaunchStatistics;
import dev.pillion.kernels.virtual.VirtualGpuDriver;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;

/** The device that is measured, real or virtual, with one stream and the kernels that were asked for so far. */
final class BenchmarkGpu implements AutoCloseable {
    /** Content is made once for so many bytes and repeated: many times what a kernel has under way. */
    private static final int PATTERN_BYTES = 1 << 20;
    private static final long SEED = 20_261_121;

    private final boolean virtual;
    private final GpuDriver driver;
    private final GpuContext context;
    private final long stream;
    private final Arena arena = Arena.ofShared();
    private final Map<String, Long> modules = new HashMap<>();
    private final Map<String, MemorySegment> patterns = new HashMap<>();
    private final List<LaunchStatistics> launches = new ArrayList<>();

    private BenchmarkGpu(boolean virtual) {
        this.virtual = virtual;
        driver = virtual ? VirtualGpuDriver.builder().listener(this::note).build() : NativeGpuDriver.open(Optional.empty());
        context = driver.createContext(0);
        stream = context.createStream();
    }

    /** Opens device 0 of the real driver or, with all its checks on, of the virtual one. */
    static BenchmarkGpu open(boolean virtual) {
        return new BenchmarkGpu(virtual);
    }

    private synchronized void note(LaunchStatistics statistics) {
        launches.add(statistics);
    }

    /** What was launched on the virtual GPU since the last call. */
    synchronized List<LaunchStatistics> takeLaunches() {
        List<LaunchStatistics> taken = List.copyOf(launches);
        launches.clear();
        return taken;
    }

    /** Whether there is no device underneath, so that times mean nothing. */
    boolean isVirtual() {
        return virtual;
    }

    /** Device and driver, for people. */
    String description() {
        return context.device().name() + ", " + driver.description();
    }

    /** The context. */
    GpuContext context() {
        return context;
    }

    /** The stream everything runs on. */
    long stream() {
        return stream;
    }

    /** Memory that lives as long as this. */
    Arena arena() {
        return arena;
    }

    /** A new launch of a shipped kernel, grid and arguments still to be set. */
    KernelLaunch kernel(String entry) {
        long module = modules.computeIfAbsent(
                KernelCatalogue.moduleOf(entry), name -> context.loadModule(name, KernelCatalogue.module(name)));
        return new KernelLaunch(context.function(module, entry), KernelCatalogue.signature(entry), arena);
    }

    /** Whole units of random content, to be repeated over places of so many bytes. */
    MemorySegment pattern(Content content, long bytes) {
        long whole = Math.min(bytes, PATTERN_BYTES) / content.unitBytes() * content.unitBytes();
        MemorySegment known = patterns.get(content.name());
        if (known == null || known.byteSize() < whole) {
            known = arena.allocate(whole, 16);
            content.fill(known, new SplittableRandom(SEED));
            patterns.put(content.name(), known);
        }
        return known.asSlice(0, whole);
    }

    /** Puts a launch on the stream. */
    void launch(KernelLaunch launch) {
        context.launch(launch, stream);
    }

    /** Waits for the stream. */
    void synchronize() {
        context.synchronize(stream);
    }

    @Override
    public void close() {
        context.close();
        driver.close();
        arena.close();
    }
}
