package dev.pillion.cuda;

import dev.pillion.bindings.cuda.CudaDriver;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Which context the driver takes calls of a thread to be about. The driver keeps this per thread of the operating system, so
 * each call first sees to it that the thread's context is the right one; remembering what was set last makes that cheap.
 * A virtual thread may be carried by another thread each time, so for it the context is set every time.
 */
final class CurrentContext {
    private static final AtomicLong LAST_OWNER = new AtomicLong();
    private static final ThreadLocal<long[]> OWNER_ON_THREAD = ThreadLocal.withInitial(() -> new long[1]);

    private CurrentContext() {}

    /**
     * A number for somebody who uses a context. It is never used again: the driver may give a later context the handle of
     * one that is gone.
     */
    static long newOwner() {
        return LAST_OWNER.incrementAndGet();
    }

    /** Makes {@code context} the calling thread's, for {@code owner}; returns the driver's result. */
    static int set(long owner, long context) {
        if (Thread.currentThread().isVirtual()) {
            return CudaDriver.cuCtxSetCurrent(MemorySegment.ofAddress(context));
        }
        long[] current = OWNER_ON_THREAD.get();
        if (current[0] == owner) {
            return CudaDriver.CUDA_SUCCESS();
        }
        int result = CudaDriver.cuCtxSetCurrent(MemorySegment.ofAddress(context));
        current[0] = result == CudaDriver.CUDA_SUCCESS() ? owner : 0;
        return result;
    }

    /** Leaves the calling thread without a context. */
    static void clear() {
        CudaDriver.cuCtxSetCurrent(MemorySegment.NULL);
        OWNER_ON_THREAD.remove();
    }
}
