package dev.pillion.conformance.kernels;

import dev.pillion.kernels.KernelCatalogue;
import dev.pillion.kernels.driver.GpuContext;
import dev.pillion.kernels.driver.GpuDriver;
import dev.pillion.kernels.driver.KernelLaunch;
import dev.pillion.kernels.virtual.LaunchStatistics;
import dev.pillion.kernels.virtual.VirtualGpuDriver;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The GPU that kernel tests run on: the virtual one with all checks, or, with the system property
 * {@code pillion.test.gpu=native}, the real one.
 */
final class GpuUnderTest implements AutoCloseable {
    private static final String PROPERTY = "pillion.test.gpu";

    private final GpuDriver driver;
    private final GpuContext context;
    private final long stream;
    private final Map<String, Long> modules = new HashMap<>();
    private final List<LaunchStatistics> launches = new ArrayList<>();

    private GpuUnderTest() {
        driver = isVirtual() ? VirtualGpuDriver.builder().listener(this::note).build() : nativeDriver();
        context = driver.createContext(0);
        stream = context.createStream();
    }

    /** Opens device 0. */
    static GpuUnderTest open() {
        return new GpuUnderTest();
    }

    /** Whether tests run on the virtual GPU. */
    static boolean isVirtual() {
        String chosen = System.getProperty(PROPERTY, "virtual");
        return switch (chosen) {
            case "virtual" -> true;
            case "native" -> false;
            default -> throw new IllegalArgumentException(PROPERTY + " is virtual or native, not " + chosen);
        };
    }

    /** By name, since only machines with a device need it. */
    private static GpuDriver nativeDriver() {
        try {
            return (GpuDriver) Class.forName("dev.pillion.cuda.NativeGpuDriver").getMethod("open", Optional.class)
                    .invoke(null, Optional.empty());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("the native driver does not open", e);
        }
    }

    private synchronized void note(LaunchStatistics statistics) {
        launches.add(statistics);
    }

    /** What the launches executed so far; empty on a real GPU. */
    synchronized List<LaunchStatistics> launches() {
        return List.copyOf(launches);
    }

    /** The context. */
    GpuContext context() {
        return context;
    }

    /** A stream. */
    long stream() {
        return stream;
    }

    /** A launch of a shipped kernel, its arguments still to be set. */
    KernelLaunch kernel(String module, String entry, Arena arena) {
        long loaded = modules.computeIfAbsent(module, name -> context.loadModule(name, KernelCatalogue.module(name)));
        return new KernelLaunch(context.function(loaded, entry), KernelCatalogue.signature(entry), arena);
    }

    @Override
    public void close() {
        context.close();
        driver.close();
    }
}
