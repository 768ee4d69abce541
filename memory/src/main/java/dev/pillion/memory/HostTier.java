package dev.pillion.memory;

import java.util.Arrays;

/**
 * Host memory as a second home for cached blocks: what the device pool evicts is copied here, and a prefix hit copies
 * it back. The tier holds content only, no sequence's table points into it, so all its blocks are always free and their
 * least-recently-used order decides what is dropped.
 *
 * <p>The tier writes down copies and never moves bytes. An entry counts from the moment it is written down, since
 * copies run in order before the step; until the step is known to have run, {@link #discardStep} can take the entries
 * back. Two steps may be under way, one planned while the other runs.
 */
final class HostTier {
    private final BlockPool pool;
    private final PrefixIndex index;
    private final int[] one = new int[1];
    private int[] written = new int[16];
    private int writtenCount;
    /** How many of them belong to the older of two steps under way; 0 where there is but one. */
    private int olderCount;

    HostTier(int blocks, int blockTokens) {
        pool = BlockPool.indexed(blocks, this::evicted);
        index = new PrefixIndex(pool, blockTokens);
    }

    private void evicted(int block) {
        index.removeEvicted(block);
    }

    /** Keeps the content of a device block that is about to be evicted, if a host block can be had. */
    void offload(int deviceBlock, PrefixIndex deviceIndex, CopyList copies) {
        int known = index.findCopy(deviceIndex, deviceBlock);
        if (known >= 0) {
            pool.touch(known);
            return;
        }
        if (!pool.tryAllocate(1, one, 0)) {
            return;
        }
        int block = one[0];
        index.insertCopy(block, deviceIndex, deviceBlock);
        pool.release(block);
        copies.add(BlockAddress.DEVICE_POOL, deviceBlock, BlockAddress.HOST_POOL, block);
        if (writtenCount == written.length) {
            written = Arrays.copyOf(written, 2 * writtenCount);
        }
        written[writtenCount++] = block;
    }

    int find(HashChain chain, int chainBlock, int[] tokens) {
        return index.find(chain, chainBlock, tokens);
    }

    /** Keeps a block that is about to be copied back from being dropped meanwhile. */
    void pin(int block) {
        pool.retain(block);
    }

    /** Ends {@link #pin}; the block was just used. */
    void unpin(int block) {
        pool.release(block);
    }

    /** What is written down from here on belongs to a second step. */
    void beginAhead() {
        olderCount = writtenCount;
    }

    /** The copies of the older step were made. */
    void acceptOlderStep() {
        writtenCount -= olderCount;
        System.arraycopy(written, olderCount, written, 0, writtenCount);
        olderCount = 0;
    }

    /** The copies of the only step under way were made. */
    void acceptStep() {
        writtenCount = 0;
    }

    /** Forgets the entries the newest step wrote down: their copies may not have been made. */
    void discardStep() {
        while (writtenCount > olderCount) {
            index.remove(written[--writtenCount]);
        }
        olderCount = 0;
    }

    void clear() {
        index.clear();
        writtenCount = 0;
        olderCount = 0;
    }

    /** Blocks that can be found by their content. */
    int size() {
        return index.size();
    }

    BlockPool pool() {
        return pool;
    }
}
