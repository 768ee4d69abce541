package dev.pillion.cuda;

import dev.pillion.bindings.cuda.CudaDriver;
import dev.pillion.kernels.driver.GpuContext;
import dev.pillion.kernels.driver.GpuDeviceInfo;
import dev.pillion.kernels.driver.GpuDriver;
import dev.pillion.kernels.driver.GpuException;
import dev.pillion.kernels.driver.MatmulLibrary;
import dev.pillion.spi.BackendUnavailableException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Optional;

/** The real driver, called through the Foreign Function and Memory API. Nothing but the driver's own library is needed. */
public final class NativeGpuDriver implements GpuDriver {
    private static final System.Logger LOG = System.getLogger(NativeGpuDriver.class.getName());
    private static final int VERSION_UNIT = 1000;

    private final Machine machine;
    private final Optional<Path> libraryPath;
    private final Path mapped;
    private final int version;
    private final int devices;

    private NativeGpuDriver(Machine machine, Optional<Path> libraryPath, Path mapped) {
        this.machine = machine;
        this.libraryPath = libraryPath;
        this.mapped = mapped;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(ValueLayout.JAVA_INT);
            CudaResult.check(CudaDriver.cuInit(0), "starting the NVIDIA driver " + mapped);
            CudaResult.check(CudaDriver.cuDriverGetVersion(out), "reading the driver's version");
            version = out.get(ValueLayout.JAVA_INT, 0);
            CudaResult.check(CudaDriver.cuDeviceGetCount(out), "counting devices");
            devices = out.get(ValueLayout.JAVA_INT, 0);
        }
    }

    /**
     * Finds and loads the vendor's driver and starts it.
     *
     * @param libraryPath folder to look for libraries in before the usual places
     * @throws BackendUnavailableException if there is no driver, or none that works here; the message says what was missing
     *     and where it was looked for
     */
    public static NativeGpuDriver open(Optional<Path> libraryPath) {
        return open(Machine.here(), libraryPath);
    }

    static NativeGpuDriver open(Machine machine, Optional<Path> libraryPath) {
        LibrarySearch.Result found = NativeLibraries.load(NvidiaLibrary.DRIVER, machine, libraryPath, 0);
        Path mapped = found.mapped().orElseThrow(() -> new BackendUnavailableException(found.reason()));
        try {
            DriverSymbols.require(mapped);
            return new NativeGpuDriver(machine, libraryPath, mapped);
        } catch (GpuException e) {
            throw new BackendUnavailableException(e.getMessage(), e);
        } catch (LinkageError | IllegalCallerException e) {
            throw new BackendUnavailableException(
                    NativeAccess.isDenied(e) ? NativeAccess.DENIED : mapped + " cannot be called: " + e, e);
        }
    }

    @Override
    public String description() {
        return "CUDA " + cudaMajor() + "." + version % VERSION_UNIT / 10 + " driver, " + mapped;
    }

    /** Major version of CUDA the driver is for. */
    private int cudaMajor() {
        return version / VERSION_UNIT;
    }

    @Override
    public int deviceCount() {
        return devices;
    }

    @Override
    public GpuDeviceInfo device(int ordinal) {
        return DeviceProperties.read(ordinal);
    }

    @Override
    public GpuContext createContext(int ordinal) {
        return NativeGpuContext.open(this, device(ordinal));
    }

    /**
     * Opens cuBLASLt in the calling thread's context, if it is installed.
     *
     * @param context to be run before each call: makes the context current, or throws
     */
    Optional<MatmulLibrary> openMatmulLibrary(Runnable context) {
        LibrarySearch.Result found =
                NativeLibraries.load(NvidiaLibrary.CUBLASLT, machine, libraryPath, cudaMajor());
        if (found.mapped().isEmpty()) {
            LOG.log(System.Logger.Level.DEBUG, () -> "own matrix kernels instead of cuBLASLt: " + found.reason());
            return Optional.empty();
        }
        try {
            return Optional.of(CublasLtLibrary.open(found.mapped().get(), context));
        } catch (GpuException | LinkageError e) {
            LOG.log(System.Logger.Level.WARNING, () -> "own matrix kernels instead of " + found.reason() + ": " + e);
            return Optional.empty();
        }
    }

    /** The driver belongs to the process, so there is nothing to let go of. */
    @Override
    public void close() {}
}
