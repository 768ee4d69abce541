package dev.pillion.conformance;

import dev.pillion.Engine;
import dev.pillion.EngineOptions;
import dev.pillion.cuda.VirtualGpuBackendProvider;
import dev.pillion.kernels.driver.GpuDriver;
import dev.pillion.spi.Backend;
import dev.pillion.spi.BackendOptions;
import dev.pillion.spi.BackendProvider;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicReference;

/** Engines on the CUDA backend: over the virtual GPU, over a driver of the test's own, or over the device of this machine. */
public final class GpuEngines implements BackendProvider {
    private static final String NAME = "driver-under-test";
    private static final AtomicReference<GpuDriver> DRIVER = new AtomicReference<>();

    /** For {@link java.util.ServiceLoader}. */
    public GpuEngines() {}

    /** Name of the backend that conformance tests run on: the virtual GPU's, unless the tests run on a device. */
    static String backend() {
        return System.getProperty("pillion.test.gpu", "virtual").equals("native") ? "cuda" : "virtual-gpu";
    }

    /** Opens an engine over a driver. */
    static Engine open(Path model, EngineOptions.Builder options, GpuDriver driver) {
        DRIVER.set(driver);
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        try (URLClassLoader services = new URLClassLoader(new URL[] {serviceFolder()}, before)) {
            thread.setContextClassLoader(services);
            return Engine.open(model, options.backend(NAME).build());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    private static URL serviceFolder() throws IOException {
        Path folder = Files.createTempDirectory("driver-under-test");
        Path file = folder.resolve("META-INF/services/" + BackendProvider.class.getName());
        Files.createDirectories(file.getParent());
        Files.writeString(file, GpuEngines.class.getName());
        file.toFile().deleteOnExit();
        return folder.toUri().toURL();
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
        return new Availability.Available("the test's driver");
    }

    @Override
    public Backend open(BackendOptions options) {
        return new VirtualGpuBackendProvider(DRIVER::get).open(options);
    }
}
