package dev.pillion.kernels.virtual;

import dev.pillion.kernels.driver.GpuDeviceInfo;

/** Devices that a virtual one takes its properties from. */
public enum DeviceModel {
    /** NVIDIA A100 SXM4, 40 GB. */
    A100(8, 0, 108, 40L << 30, 163 << 10, 164 << 10, 40L << 20),
    /** NVIDIA H100 SXM5, 80 GB. */
    H100(9, 0, 132, 80L << 30, 227 << 10, 228 << 10, 50L << 20);

    private final int major;
    private final int minor;
    private final int multiprocessors;
    private final long memoryBytes;
    private final int sharedBytesPerBlock;
    private final int sharedBytesPerMultiprocessor;
    private final long l2Bytes;

    DeviceModel(int major, int minor, int multiprocessors, long memoryBytes, int sharedBytesPerBlock,
            int sharedBytesPerMultiprocessor, long l2Bytes) {
        this.major = major;
        this.minor = minor;
        this.multiprocessors = multiprocessors;
        this.memoryBytes = memoryBytes;
        this.sharedBytesPerBlock = sharedBytesPerBlock;
        this.sharedBytesPerMultiprocessor = sharedBytesPerMultiprocessor;
        this.l2Bytes = l2Bytes;
    }

    /** Memory of the model in bytes. */
    public long memoryBytes() {
        return memoryBytes;
    }

    GpuDeviceInfo info(int ordinal, long memoryBytes) {
        return new GpuDeviceInfo(ordinal, "Virtual " + name(), "GPU-00000000-0000-0000-0000-%012x".formatted(ordinal),
                major, minor, multiprocessors, memoryBytes, sharedBytesPerBlock, sharedBytesPerMultiprocessor, 2048,
                l2Bytes);
    }
}
