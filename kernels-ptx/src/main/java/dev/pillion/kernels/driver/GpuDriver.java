package dev.pillion.kernels.driver;

/** A driver and the devices it sees. Thread-safe. */
public interface GpuDriver extends AutoCloseable {
    /** Which driver this is, for people: its version and the file that was mapped, or that it is virtual. */
    String description();

    /** Number of devices. */
    int deviceCount();

    /**
     * Properties of a device.
     *
     * @throws GpuException with {@code CUDA_ERROR_INVALID_DEVICE} if there is none with this ordinal
     */
    GpuDeviceInfo device(int ordinal);

    /** Opens a context of its own on a device. The caller closes it. */
    GpuContext createContext(int ordinal);

    /** Lets go of the driver; contexts that are still open stay usable. Idempotent. */
    @Override
    void close();
}
