package dev.pillion.memory;

import java.util.Arrays;

/**
 * Maps a sequence's token positions to the device blocks that hold their keys and values: position {@code p} lies in
 * block {@code block(p / blockTokens)} at row {@code p % blockTokens}.
 *
 * <p>Tables share blocks: full ones because two sequences begin alike, the last one after a {@link #fork}. Shared
 * blocks are read by all and written by none; {@link #ensureWritable} gives the table its own copy first. Growing is
 * all-or-nothing, releasing may be repeated.
 */
public final class BlockTable {
    private final BlockPool pool;
    private final int blockShift;
    private int[] blocks;
    private int count;
    /**
     * Whether the block of the next write may be shared. Only a fork and a shared block make it so, and once a write
     * has found its block unshared all later ones do; so decodes need not look up a reference count each.
     */
    private boolean mayShare;

    /**
     * An empty table.
     *
     * @param blockTokens tokens per block, a power of two
     * @param capacityTokens tokens the table can map before its array has to grow
     */
    public BlockTable(BlockPool pool, int blockTokens, int capacityTokens) {
        this(pool, shiftOf(blockTokens), new int[(Math.max(0, capacityTokens) >> shiftOf(blockTokens)) + 1], 0);
    }

    private BlockTable(BlockPool pool, int blockShift, int[] blocks, int count) {
        this.pool = pool;
        this.blockShift = blockShift;
        this.blocks = blocks;
        this.count = count;
    }

    static int shiftOf(int blockTokens) {
        if (Integer.bitCount(blockTokens) != 1 || blockTokens < 1) {
            throw new IllegalArgumentException("tokens per block must be a power of two, not " + blockTokens);
        }
        return Integer.numberOfTrailingZeros(blockTokens);
    }

    /** Blocks that {@code tokens} tokens need. */
    int blocksFor(int tokens) {
        return (int) ((tokens + (1L << blockShift) - 1) >> blockShift);
    }

    /**
     * Makes the table long enough for {@code tokens} tokens.
     *
     * @return false, with nothing changed, if the pool has too few free blocks
     */
    public boolean tryGrow(int tokens) {
        int missing = blocksFor(tokens) - count;
        if (missing <= 0) {
            return true;
        }
        ensureCapacity(count + missing);
        if (!pool.tryAllocate(missing, blocks, count)) {
            return false;
        }
        count += missing;
        return true;
    }

    /** Whether writing {@code position}, the next to be written, needs a copy because another table holds its block. */
    public boolean isShared(int position) {
        int at = position >> blockShift;
        return mayShare && at < count && pool.references(blocks[at]) > 1;
    }

    /**
     * Makes the block of {@code position}, the next to be written, this table's own. Where it is shared, a fresh block
     * takes its place and the copy the backend must make before it writes is added to {@code copies}.
     *
     * @return false, with nothing changed, if a copy is needed and no block is free
     */
    public boolean ensureWritable(int position, CopyList copies) {
        if (!isShared(position)) {
            mayShare = false;
            return true;
        }
        int at = position >> blockShift;
        int source = blocks[at];
        if (!pool.tryAllocate(1, blocks, at)) {
            return false;
        }
        copies.add(BlockAddress.DEVICE_POOL, source, BlockAddress.DEVICE_POOL, blocks[at]);
        pool.release(source);
        mayShare = false;
        return true;
    }

    /** Appends a block another table or the prefix index knows, with a reference of its own. */
    public void share(int block) {
        pool.retain(block);
        adopt(block);
    }

    /** Appends a block whose reference the caller already counted. */
    void adopt(int block) {
        ensureCapacity(count + 1);
        blocks[count++] = block;
        mayShare = true;
    }

    /** A table with the same blocks, each counted once more. */
    public BlockTable fork() {
        for (int i = 0; i < count; i++) {
            pool.retain(blocks[i]);
        }
        BlockTable fork = new BlockTable(pool, blockShift, blocks.clone(), count);
        fork.mayShare = true;
        mayShare = true;
        return fork;
    }

    /** Gives back the blocks that hold no position below {@code tokens}, the last first. */
    public void truncate(int tokens) {
        int keep = blocksFor(tokens);
        while (count > keep) {
            pool.release(blocks[--count]);
        }
    }

    /** Gives back all blocks, the last first. Nothing happens the second time. */
    public void release() {
        truncate(0);
    }

    /** Number of blocks. */
    public int count() {
        return count;
    }

    /** Tokens the blocks have room for. */
    public int capacityTokens() {
        return count << blockShift;
    }

    /** Tokens per block. */
    public int blockTokens() {
        return 1 << blockShift;
    }

    /** Device block number {@code i} of the sequence. */
    public int block(int i) {
        if (i < 0 || i >= count) {
            throw new IndexOutOfBoundsException("block " + i + " of " + count);
        }
        return blocks[i];
    }

    /** Copies all block numbers to {@code out} from {@code offset} on; for the ragged tables a kernel reads. */
    public void copyTo(int[] out, int offset) {
        System.arraycopy(blocks, 0, out, offset, count);
    }

    private void ensureCapacity(int needed) {
        if (needed > blocks.length) {
            blocks = Arrays.copyOf(blocks, Math.max(needed, blocks.length * 2));
        }
    }
}
