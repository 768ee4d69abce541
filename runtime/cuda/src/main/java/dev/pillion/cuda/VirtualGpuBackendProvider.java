package dev.pillion.cuda;

import dev.pillion.kernels.driver.GpuDriver;
import dev.pillion.kernels.virtual.VirtualGpuDriver;
import dev.pillion.spi.Backend;
import dev.pillion.spi.BackendOptions;
import dev.pillion.spi.BackendProvider;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The CUDA backend over the virtual GPU: the same host code and kernels without a device, for tests and for a look at
 * them. It is slow and never chosen unless asked for by name.
 */
public final class VirtualGpuBackendProvider implements BackendProvider {
    private final Supplier<GpuDriver> driver;

    /** One A100 with all checks on; for {@link java.util.ServiceLoader}. */
    public VirtualGpuBackendProvider() {
        this(() -> VirtualGpuDriver.builder().build());
    }

    /**
     * A virtual GPU of one's own.
     *
     * @param driver makes the driver of each backend
     */
    public VirtualGpuBackendProvider(Supplier<GpuDriver> driver) {
        this.driver = driver;
    }

    @Override
    public String name() {
        return "virtual-gpu";
    }

    /** Below the CPU backend, which is always there. */
    @Override
    public int priority() {
        return 0;
    }

    @Override
    public Availability probe(BackendOptions options) {
        return new Availability.Available("PTX kernels executed on the CPU");
    }

    @Override
    public Backend open(BackendOptions options) {
        return CudaBackend.open(driver.get(), options, device -> Optional.empty());
    }
}
