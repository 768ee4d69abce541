package dev.pillion.spi;

/** A pool of KV blocks in one memory, addressed by block index. Contents are undefined until written. */
public interface KvPool {
    /** Where the blocks lie. */
    enum Tier {
        /** The memory attention reads from. */
        DEVICE,
        /** Host memory that blocks are moved to when the device's is short; attention never reads it. */
        HOST
    }

    /** Shape of a block. */
    KvLayout layout();

    /** Number of blocks. */
    int blocks();

    /** Where the blocks lie. */
    Tier tier();
}
