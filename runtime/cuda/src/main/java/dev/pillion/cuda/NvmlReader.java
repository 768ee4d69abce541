package dev.pillion.cuda;

import dev.pillion.bindings.nvml.Nvml;
import dev.pillion.bindings.nvml.nvmlMemory_t;
import dev.pillion.bindings.nvml.nvmlUtilization_t;
import dev.pillion.metrics.DeviceReading;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * Reads the gauges of one device through NVML, the library behind {@code nvidia-smi}. The device is found by its UUID:
 * NVML numbers devices in another order than CUDA and does not heed {@code CUDA_VISIBLE_DEVICES}. Thread-safe. A reading is
 * a few calls into the kernel driver, milliseconds together, so it belongs on no thread that drives the device.
 */
public final class NvmlReader implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(NvmlReader.class.getName());

    private final Arena arena = Arena.ofShared();
    private final MemorySegment utilization = nvmlUtilization_t.allocate(arena);
    private final MemorySegment memory = nvmlMemory_t.allocate(arena);
    private final MemorySegment number = arena.allocate(ValueLayout.JAVA_INT);
    private final MemorySegment device;
    private boolean closed;

    private NvmlReader(MemorySegment device) {
        this.device = device;
    }

    /**
     * Opens the gauges of a device; empty where there is no NVML or it does not know the device.
     *
     * @param libraryPath folder to look for the library in before the usual places
     * @param uuid as {@link dev.pillion.kernels.driver.GpuDeviceInfo#uuid} gives it
     */
    public static Optional<NvmlReader> open(Optional<Path> libraryPath, String uuid) {
        return open(Machine.here(), libraryPath, uuid);
    }

    static Optional<NvmlReader> open(Machine machine, Optional<Path> libraryPath, String uuid) {
        LibrarySearch.Result found = NativeLibraries.load(NvidiaLibrary.NVML, machine, libraryPath, 0);
        if (found.mapped().isEmpty()) {
            return absent(found.reason());
        }
        try {
            return opened(uuid);
        } catch (LinkageError | IllegalCallerException e) {
            return absent(NativeAccess.isDenied(e) ? NativeAccess.DENIED : found.reason() + ": " + e);
        }
    }

    private static Optional<NvmlReader> opened(String uuid) {
        int started = Nvml.nvmlInit_v2();
        if (started != Nvml.NVML_SUCCESS()) {
            return absent("NVML does not start: " + text(started));
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(ValueLayout.ADDRESS);
            int result = Nvml.nvmlDeviceGetHandleByUUID(arena.allocateFrom(uuid), out);
            if (result == Nvml.NVML_SUCCESS()) {
                return Optional.of(new NvmlReader(out.get(ValueLayout.ADDRESS, 0)));
            }
            Nvml.nvmlShutdown();
            return absent("NVML has no device " + uuid + ": " + text(result));
        }
    }

    private static Optional<NvmlReader> absent(String reason) {
        LOG.log(System.Logger.Level.DEBUG, () -> "no gauges of the device: " + reason);
        return Optional.empty();
    }

    private static String text(int result) {
        return Nvml.nvmlErrorString(result).getString(0);
    }

    /**
     * Reads all gauges.
     *
     * @throws IllegalStateException if closed
     */
    public synchronized DeviceReading read() {
        if (closed) {
            throw new IllegalStateException("the gauges are closed");
        }
        boolean busy = ok(Nvml.nvmlDeviceGetUtilizationRates(device, utilization));
        boolean bytes = ok(Nvml.nvmlDeviceGetMemoryInfo(device, memory));
        return new DeviceReading(
                busy ? OptionalInt.of(nvmlUtilization_t.gpu(utilization)) : OptionalInt.empty(),
                busy ? OptionalInt.of(nvmlUtilization_t.memory(utilization)) : OptionalInt.empty(),
                bytes ? OptionalLong.of(nvmlMemory_t.used(memory)) : OptionalLong.empty(),
                bytes ? OptionalLong.of(nvmlMemory_t.total(memory)) : OptionalLong.empty(),
                number(Nvml.nvmlDeviceGetTemperature(device, Nvml.NVML_TEMPERATURE_GPU(), number)),
                number(Nvml.nvmlDeviceGetPowerUsage(device, number)),
                number(Nvml.nvmlDeviceGetClockInfo(device, Nvml.NVML_CLOCK_SM(), number)),
                number(Nvml.nvmlDeviceGetClockInfo(device, Nvml.NVML_CLOCK_MEM(), number)));
    }

    /** What the call just made wrote to {@link #number}. */
    private OptionalInt number(int result) {
        return ok(result) ? OptionalInt.of(number.get(ValueLayout.JAVA_INT, 0)) : OptionalInt.empty();
    }

    private static boolean ok(int result) {
        return result == Nvml.NVML_SUCCESS();
    }

    /** Lets go of NVML. Idempotent. */
    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            Nvml.nvmlShutdown();
            arena.close();
        }
    }
}
