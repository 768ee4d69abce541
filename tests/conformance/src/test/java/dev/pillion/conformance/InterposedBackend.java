package dev.pillion.conformance;

import dev.pillion.Engine;
import dev.pillion.EngineOptions;
import dev.pillion.spi.Backend;
import dev.pillion.spi.BackendOptions;
import dev.pillion.spi.BackendProvider;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ServiceLoader;
import java.util.concurrent.atomic.AtomicReference;

/** The CPU backend with somebody between it and the engine, who can hold up calls, fail them or spoil their results. */
public final class InterposedBackend implements BackendProvider {
    /** Who stands between. */
    interface Interposer {
        /** Nobody. */
        Interposer NONE = (call, arguments) -> {};

        /** Before the CPU backend is called. */
        void before(String call, Object[] arguments);

        /** After the CPU backend was called. */
        default void after(String call, Object[] arguments) {}
    }

    private static final String NAME = "interposed";
    private static final AtomicReference<Interposer> INTERPOSER = new AtomicReference<>(Interposer.NONE);

    /** Opens an engine on this backend. */
    static Engine open(Path model, EngineOptions.Builder options, Interposer interposer) {
        INTERPOSER.set(interposer);
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        try (URLClassLoader services = new URLClassLoader(new URL[] {serviceFolder()}, before)) {
            thread.setContextClassLoader(services);
            return Engine.open(model, options.backend(NAME).device(new BackendOptions(2, 0, false)).build());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    /** A folder that names this provider, for one engine's class loader; no other test finds it. */
    private static URL serviceFolder() throws IOException {
        Path folder = Files.createTempDirectory("interposed-backend");
        Path file = folder.resolve("META-INF/services/" + BackendProvider.class.getName());
        Files.createDirectories(file.getParent());
        Files.writeString(file, InterposedBackend.class.getName());
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
        return cpu().probe(options);
    }

    @Override
    public Backend open(BackendOptions options) {
        Backend cpu = cpu().open(options);
        return (Backend) Proxy.newProxyInstance(
                InterposedBackend.class.getClassLoader(), new Class<?>[] {Backend.class}, (self, method, arguments) -> {
                    INTERPOSER.get().before(method.getName(), arguments);
                    try {
                        Object result = method.invoke(cpu, arguments);
                        INTERPOSER.get().after(method.getName(), arguments);
                        return result;
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private static BackendProvider cpu() {
        return ServiceLoader.load(BackendProvider.class).stream()
                .map(ServiceLoader.Provider::get)
                .filter(provider -> provider.name().equals("cpu"))
                .findFirst()
                .orElseThrow();
    }
}
