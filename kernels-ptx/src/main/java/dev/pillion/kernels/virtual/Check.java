package dev.pillion.kernels.virtual;

/** What the virtual GPU can watch for. */
public enum Check {
    /**
     * Access outside any live allocation: past the end, after free, through null. Without the check such reads give
     * zeros and such writes are lost.
     */
    BOUNDS,
    /** Access at an address that is no multiple of the access's size. */
    ALIGNMENT,
    /** Read of global, shared or local memory that nobody wrote. */
    UNWRITTEN,
    /**
     * Two threads touch the same bytes of shared memory, at least one writes, and no barrier orders them. Within a
     * warp {@code __syncwarp} orders, whatever its mask; shuffles and votes do not.
     */
    SHARED_RACE,
    /** A barrier that some threads of a warp pass by or that threads can no longer reach because they exited. */
    BARRIER
}
