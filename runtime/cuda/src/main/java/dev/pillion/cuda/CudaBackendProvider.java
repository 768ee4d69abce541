package dev.pillion.cuda;

import dev.pillion.kernels.driver.GpuDeviceInfo;
import dev.pillion.kernels.driver.GpuException;
import dev.pillion.spi.Backend;
import dev.pillion.spi.BackendOptions;
import dev.pillion.spi.BackendProvider;
import dev.pillion.spi.BackendUnavailableException;
import java.nio.file.Path;
import java.util.Optional;

/** Entry of the CUDA backend: the first choice wherever there is an NVIDIA driver with a device the kernels run on. */
public final class CudaBackendProvider implements BackendProvider {
    /** The kernels are compiled for the A100's generation: asynchronous copies, bfloat16 tensor cores. */
    private static final int LEAST_CAPABILITY = 80;

    private final Machine machine;

    /** For {@link java.util.ServiceLoader}. */
    public CudaBackendProvider() {
        this(Machine.here());
    }

    CudaBackendProvider(Machine machine) {
        this.machine = machine;
    }

    @Override
    public String name() {
        return CudaBackend.NAME;
    }

    @Override
    public int priority() {
        return 300;
    }

    @Override
    public Availability probe(BackendOptions options) {
        try (NativeGpuDriver driver = NativeGpuDriver.open(machine, options.cudaLibraryPath())) {
            return probe(driver, options.device());
        } catch (BackendUnavailableException | GpuException e) {
            return new Availability.Unavailable(String.valueOf(e.getMessage()));
        }
    }

    private static Availability probe(NativeGpuDriver driver, int ordinal) {
        int devices = driver.deviceCount();
        if (ordinal >= devices) {
            return new Availability.Unavailable(
                    devices == 0
                            ? "the driver sees no device (" + driver.description() + ")"
                            : "there is no device " + ordinal + "; --device takes 0 to " + (devices - 1));
        }
        GpuDeviceInfo device = driver.device(ordinal);
        if (device.computeCapability() < LEAST_CAPABILITY) {
            return new Availability.Unavailable(describe(device) + " is too old; the kernels need compute capability 8.0");
        }
        return new Availability.Available(
                describe(device) + ", " + Bytes.text(device.totalMemoryBytes()) + ", " + driver.description());
    }

    private static String describe(GpuDeviceInfo device) {
        return device.name() + " with compute capability " + device.computeMajor() + "." + device.computeMinor();
    }

    @Override
    public Backend open(BackendOptions options) {
        return CudaBackend.open(
                NativeGpuDriver.open(machine, options.cudaLibraryPath()),
                options,
                device -> Optional.of(telemetry(device, options.cudaLibraryPath())));
    }

    private NvmlTelemetry telemetry(GpuDeviceInfo device, Optional<Path> libraryPath) {
        return new NvmlTelemetry(() -> NvmlReader.open(machine, libraryPath, device.uuid()), System::nanoTime);
    }
}
