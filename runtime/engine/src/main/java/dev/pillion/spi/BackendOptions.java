package dev.pillion.spi;

/**
 * What a user can say about a device.
 *
 * @param threads worker threads of the CPU backend, the calling thread included; 0 for one per core
 * @param device ordinal of the GPU
 * @param scalar use the scalar kernels even where faster ones are available
 */
public record BackendOptions(int threads, int device, boolean scalar) {
    /** One thread per core, the first GPU, the fastest kernels. */
    public static BackendOptions defaults() {
        return new BackendOptions(0, 0, false);
    }
}
