package dev.pillion.kernels.virtual;

import org.jspecify.annotations.Nullable;

/** What a kernel did wrong; ends the launch. */
final class KernelFault extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final CudaResult result;
    private final @Nullable Check check;

    KernelFault(CudaResult result, @Nullable Check check, String report) {
        super(report);
        this.result = result;
        this.check = check;
    }

    CudaResult result() {
        return result;
    }

    @Nullable
    Check check() {
        return check;
    }
}
