package dev.pillion.cuda;

import dev.pillion.bindings.cuda.CudaDriver;
import dev.pillion.kernels.driver.GpuException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Stands before and behind each call of a context: makes the context the calling thread's, turns results into exceptions, and
 * lets no call through once the context was closed or lost.
 */
final class ContextGuard {
    private final int ordinal;
    private final long context;
    private final long owner = CurrentContext.newOwner();
    private @Nullable GpuException lost;
    private boolean closed;

    /**
     * Guards a context.
     *
     * @param ordinal of its device, for messages
     * @param context the driver's handle
     */
    ContextGuard(int ordinal, long context) {
        this.ordinal = ordinal;
        this.context = context;
    }

    /** Before every call: the context is usable, and it is the calling thread's. */
    void enter() {
        if (closed) {
            throw new IllegalStateException("the context on device " + ordinal + " is closed");
        }
        GpuException earlier = lost;
        if (earlier != null) {
            GpuException again = new GpuException(
                    earlier.result(),
                    earlier.resultName(),
                    "an earlier call met it (" + earlier.getMessage() + ")",
                    "using device " + ordinal,
                    true);
            again.initCause(earlier);
            throw again;
        }
        int result = makeCurrent();
        if (result != CudaDriver.CUDA_SUCCESS()) {
            throw failed(result, "making the context current");
        }
    }

    /** Makes the context the calling thread's, in whatever state it is; returns the driver's result. */
    int makeCurrent() {
        return CurrentContext.set(owner, context);
    }

    /** Throws unless a call succeeded. */
    void check(int result, String subject) {
        if (result != CudaDriver.CUDA_SUCCESS()) {
            throw failed(result, subject);
        }
    }

    /** The exception for a call that failed; notes one that loses the context. */
    GpuException failed(int result, String subject) {
        return noted(CudaResult.failure(result, subject));
    }

    private GpuException noted(GpuException failure) {
        if (failure.sticky()) {
            lost = failure;
        }
        return failure;
    }

    /** Runs a call that throws its failures itself, and notes those that lose the context. */
    <T> T noting(Supplier<T> call) {
        enter();
        try {
            return call.get();
        } catch (GpuException e) {
            throw noted(e);
        }
    }

    /**
     * Lets no more calls through.
     *
     * @return whether this is the first time
     */
    boolean close() {
        boolean first = !closed;
        closed = true;
        return first;
    }
}
