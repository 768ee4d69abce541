package dev.pillion.cuda;

import dev.pillion.bindings.cuda.CudaDriver;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongConsumer;
import java.util.function.LongToIntFunction;

/**
 * Things of one kind that a context has open, and how to end them. A handle that is not among them never reaches the driver,
 * which would follow it as a pointer.
 */
final class Handles {
    private static final System.Logger LOG = System.getLogger(Handles.class.getName());

    private final String kind;
    private final LongToIntFunction destroy;
    private final Set<Long> open = new LinkedHashSet<>();

    /**
     * Creates the set.
     *
     * @param kind what the things are called
     * @param destroy ends one and gives the driver's result
     */
    Handles(String kind, LongToIntFunction destroy) {
        this.kind = kind;
        this.destroy = destroy;
    }

    /** Notes a thing that was opened; returns its handle. */
    long opened(long handle) {
        open.add(handle);
        return handle;
    }

    /** Whether a handle is open. */
    boolean contains(long handle) {
        return open.contains(handle);
    }

    /** Does something with each that is open, in the order of opening. */
    void forEach(LongConsumer action) {
        for (long handle : List.copyOf(open)) {
            action.accept(handle);
        }
    }

    /** Ends one; returns the driver's result, which for a handle that is not open is {@code CUDA_ERROR_INVALID_HANDLE}. */
    int destroy(long handle) {
        return open.remove(handle) ? destroy.applyAsInt(handle) : CudaDriver.CUDA_ERROR_INVALID_HANDLE();
    }

    /** Ends all that are open, the last opened first. Failures are logged: there is nothing left to do about them. */
    void destroyAll() {
        List<Long> handles = new ArrayList<>(open).reversed();
        open.clear();
        for (long handle : handles) {
            int result = destroy.applyAsInt(handle);
            if (result != CudaDriver.CUDA_SUCCESS()) {
                LOG.log(
                        System.Logger.Level.DEBUG,
                        () -> "closing " + kind + " 0x" + Long.toHexString(handle) + ": " + CudaResult.name(result));
            }
        }
    }
}
