package dev.pillion.kernels.driver;

/**
 * What a device says of itself.
 *
 * @param ordinal number of the device for {@code --device}
 * @param name marketing name
 * @param uuid identity across reboots, as {@code GPU-xxxxxxxx-xxxx-...}
 * @param computeMajor major compute capability
 * @param computeMinor minor compute capability
 * @param multiprocessors streaming multiprocessors
 * @param totalMemoryBytes device memory
 * @param sharedBytesPerBlock shared memory a block may opt in to
 * @param sharedBytesPerMultiprocessor shared memory of a multiprocessor
 * @param threadsPerMultiprocessor resident threads of a multiprocessor
 * @param l2Bytes size of the level 2 cache
 */
public record GpuDeviceInfo(
        int ordinal,
        String name,
        String uuid,
        int computeMajor,
        int computeMinor,
        int multiprocessors,
        long totalMemoryBytes,
        int sharedBytesPerBlock,
        int sharedBytesPerMultiprocessor,
        int threadsPerMultiprocessor,
        long l2Bytes) {
    /** Compute capability as one number: 80 for 8.0, 90 for 9.0. */
    public int computeCapability() {
        return 10 * computeMajor + computeMinor;
    }
}
