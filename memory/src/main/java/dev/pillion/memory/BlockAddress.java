package dev.pillion.memory;

/**
 * Where a KV block lies: a pool and an index in it. Pools may be device memory, host memory or another instance; block
 * tables of running sequences name device blocks only, copies name both ends.
 *
 * @param pool number of the pool
 * @param index block number in the pool
 */
public record BlockAddress(int pool, int index) {
    /** The pool the attention kernels read. */
    public static final int DEVICE_POOL = 0;

    /** The offload tier in host memory. */
    public static final int HOST_POOL = 1;

    /** Checks that both numbers are not negative. */
    public BlockAddress {
        if (pool < 0 || index < 0) {
            throw new IllegalArgumentException("no block address: pool " + pool + ", index " + index);
        }
    }

    /** First byte of the block in its pool, as a long: pools beyond 2 GiB are the rule. */
    public long byteOffset(long bytesPerBlock) {
        return index * bytesPerBlock;
    }
}
