package dev.pillion.kernels.virtual;

import dev.pillion.kernels.driver.GpuException;
import org.jspecify.annotations.Nullable;

/**
 * Whether a context lives. An error of asynchronous work is kept until a call that waits for work finds it; from then
 * on every call fails with it.
 */
final class ContextState {
    private final FaultPlan faults;
    private @Nullable CudaResult error;
    private String report = "";
    private boolean found;
    private volatile boolean closed;

    ContextState(FaultPlan faults) {
        this.faults = faults;
    }

    /** Throws if the context is lost or closed. */
    synchronized void enter(String call) {
        if (closed) {
            throw CudaResult.INVALID_CONTEXT.exception(call + ": the context is closed");
        }
        if (faults.callFails() && error == null) {
            error = CudaResult.UNKNOWN;
            report = "injected fault";
            found = true;
        }
        if (found) {
            throw lost(call);
        }
    }

    /** Throws if asynchronous work has failed. */
    synchronized void afterWaiting(String call) {
        if (error != null) {
            found = true;
            throw lost(call);
        }
        if (closed) {
            throw CudaResult.INVALID_CONTEXT.exception(call + ": the context was closed while it waited");
        }
    }

    private GpuException lost(String call) {
        CudaResult result = error == null ? CudaResult.UNKNOWN : error;
        return result.exception(call + ": " + report);
    }

    /** Notes that work has failed. The first failure counts. */
    synchronized void fail(CudaResult result, String what) {
        if (error == null) {
            error = result;
            report = what;
        }
        notifyAll();
    }

    /** Whether no more work is to be run. */
    synchronized boolean lost() {
        return error != null || closed;
    }

    boolean closed() {
        return closed;
    }

    /** Closes; returns false if it was closed already. */
    synchronized boolean close() {
        if (closed) {
            return false;
        }
        closed = true;
        notifyAll();
        return true;
    }
}
