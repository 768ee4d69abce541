package dev.pillion.cuda;

import dev.pillion.model.TensorType;
import dev.pillion.spi.BackendOptions;
import dev.pillion.spi.BackendUnavailableException;
import java.time.Duration;

/**
 * How a backend uses its device.
 *
 * @param compute type of activations, keys and values
 * @param graphs whether steps of decodes run as graphs
 * @param matmulLibrary whether large multiplications go to the vendor's library where it is found
 * @param stepLimit longest a step may take before the device counts as lost
 */
record CudaOptions(ComputeType compute, boolean graphs, boolean matmulLibrary, Duration stepLimit) {
    /** Half the bytes of F32 with its range: activations of some models leave F16's. */
    private static final ComputeType DEFAULT_COMPUTE = ComputeType.BF16;

    /** What a user asked for. */
    static CudaOptions of(BackendOptions options) {
        ComputeType compute = options.compute().map(CudaOptions::compute).orElse(DEFAULT_COMPUTE);
        return new CudaOptions(compute, true, true, options.stepLimit());
    }

    private static ComputeType compute(TensorType type) {
        for (ComputeType compute : ComputeType.values()) {
            if (compute.tensorType() == type) {
                return compute;
            }
        }
        throw new BackendUnavailableException("the CUDA backend computes in F32, F16 or BF16, not in " + type);
    }
}
