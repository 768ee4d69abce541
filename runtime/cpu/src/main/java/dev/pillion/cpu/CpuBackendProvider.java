package dev.pillion.cpu;

import dev.pillion.spi.Backend;
import dev.pillion.spi.BackendOptions;
import dev.pillion.spi.BackendProvider;

/** Entry of the CPU backend: always available, and the last resort. */
public final class CpuBackendProvider implements BackendProvider {
    /** For {@link java.util.ServiceLoader}. */
    public CpuBackendProvider() {}

    @Override
    public String name() {
        return CpuBackend.NAME;
    }

    @Override
    public int priority() {
        return 100;
    }

    @Override
    public Availability probe(BackendOptions options) {
        String kernels = KernelSelection.whyScalar(options.scalar())
                .map(reason -> "scalar kernels: " + reason)
                .orElse("Vector API kernels");
        return new Availability.Available(kernels + ", " + threads(options) + " threads");
    }

    @Override
    public Backend open(BackendOptions options) {
        return new CpuBackend(KernelSelection.choose(options.scalar()), threads(options));
    }

    private static int threads(BackendOptions options) {
        return options.threads() > 0 ? options.threads() : Runtime.getRuntime().availableProcessors();
    }
}
