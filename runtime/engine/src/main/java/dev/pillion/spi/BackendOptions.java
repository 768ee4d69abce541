package dev.pillion.spi;

import dev.pillion.model.TensorType;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * What a user can say about a device.
 *
 * @param threads worker threads of the CPU backend, the calling thread included; 0 for one per core
 * @param device ordinal of the GPU
 * @param scalar use the scalar kernels even where faster ones are available
 * @param cudaLibraryPath folder in which NVIDIA's libraries are looked for before the usual places
 * @param compute type of activations on a GPU, and so of its KV cache: F32, F16 or BF16; empty for the backend's own
 * @param stepLimit longest a step may take on a GPU before the device counts as lost
 */
public record BackendOptions(
        int threads,
        int device,
        boolean scalar,
        Optional<Path> cudaLibraryPath,
        Optional<TensorType> compute,
        Duration stepLimit) {
    /** Long enough for the largest prefill of a large model, short enough for a health check. */
    public static final Duration DEFAULT_STEP_LIMIT = Duration.ofSeconds(30);

    /** NVIDIA's libraries are looked for in the usual places; the GPU computes in its own type. */
    public BackendOptions(int threads, int device, boolean scalar) {
        this(threads, device, scalar, Optional.empty(), Optional.empty(), DEFAULT_STEP_LIMIT);
    }

    /** One thread per core, the first GPU, the fastest kernels. */
    public static BackendOptions defaults() {
        return new BackendOptions(0, 0, false);
    }

    /** The same, but with a folder in which NVIDIA's libraries are looked for first. */
    public BackendOptions withCudaLibraryPath(Path folder) {
        return new BackendOptions(threads, device, scalar, Optional.of(folder), compute, stepLimit);
    }

    /** The same, but with a type of activations on a GPU. */
    public BackendOptions withCompute(TensorType type) {
        return new BackendOptions(threads, device, scalar, cudaLibraryPath, Optional.of(type), stepLimit);
    }

    /** The same, but with another limit on a step. */
    public BackendOptions withStepLimit(Duration limit) {
        return new BackendOptions(threads, device, scalar, cudaLibraryPath, compute, limit);
    }
}
