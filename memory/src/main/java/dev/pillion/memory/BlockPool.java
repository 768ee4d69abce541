package dev.pillion.memory;

import java.util.function.IntConsumer;

/**
 * Hands out KV blocks of one pool by number and counts who holds them.
 *
 * <p>A block with no references is <em>free</em> and sits in a doubly linked list threaded through an int array, so
 * that a block found again by its content leaves the middle of the list in constant time. The list runs from the next
 * to be taken to the last: blocks without content worth keeping go to its front, <em>cached</em> ones (a prefix index
 * can still find them) to its back, which makes it least-recently-used order. Taking a cached block from the front
 * evicts it: the listener hears of it while the block's bytes are still those of its content.
 *
 * <p>Allocation is all-or-nothing: a refusal changes nothing. Whoever frees a sequence frees its blocks from the last
 * to the first, so that its tail is evicted before its head, which others are likelier to share.
 *
 * <p>Not thread-safe: one engine thread owns a pool. A block freed while a step is in flight may be taken by the next
 * step's plan at once, since steps of one engine run one after the other; no epochs or fences are kept here.
 */
public final class BlockPool {
    private static final int NEXT = 0;
    private static final int PREVIOUS = 1;
    private static final int REFERENCES = 2;
    private static final int CACHED = 3;
    /** First of the fields that belong to the prefix index of an {@link #indexed} pool. */
    static final int INDEX_FIELDS = 4;

    /** 4 fields of the pool. */
    private static final int PLAIN_SHIFT = 2;
    /** 16 fields, 4 of the pool and the index's: the 64 bytes of a cache line. */
    private static final int INDEXED_SHIFT = 4;

    /**
     * The fields of each block side by side, so that whoever comes to a block finds all of it in one cache line; at the
     * end the record of a sentinel whose next is the front of the free list and whose previous its back. Record {@code
     * i} begins at {@code i << recordShift}.
     */
    final int[] records;

    final int recordShift;
    private final int blocks;
    private final int sentinel;
    private final IntConsumer evictionListener;
    private int freeBlocks;

    /** A pool of {@code blocks} free blocks whose evictions nobody wants to hear of. */
    public BlockPool(int blocks) {
        this(blocks, block -> { });
    }

    /**
     * A pool of {@code blocks} free blocks.
     *
     * @param evictionListener called with a cached block just before it is handed out for other content; must not call
     *     back into this pool
     */
    public BlockPool(int blocks, IntConsumer evictionListener) {
        this(blocks, PLAIN_SHIFT, evictionListener);
    }

    private BlockPool(int blocks, int recordShift, IntConsumer evictionListener) {
        int most = (Integer.MAX_VALUE - 8 >> recordShift) - 1;
        if (blocks < 1 || blocks > most) {
            throw new IllegalArgumentException("a pool needs between 1 and " + most + " blocks, not " + blocks);
        }
        this.blocks = blocks;
        this.recordShift = recordShift;
        this.evictionListener = evictionListener;
        sentinel = blocks << recordShift;
        records = new int[blocks + 1 << recordShift];
        for (int i = 0; i <= blocks; i++) {
            int at = i << recordShift;
            records[at + NEXT] = i == blocks ? 0 : i + 1;
            records[at + PREVIOUS] = i == 0 ? blocks : i - 1;
        }
        freeBlocks = blocks;
    }

    /** As {@link #BlockPool(int, IntConsumer)}, with room in its records for what a {@link PrefixIndex} knows of them. */
    static BlockPool indexed(int blocks, IntConsumer evictionListener) {
        return new BlockPool(blocks, INDEXED_SHIFT, evictionListener);
    }

    /**
     * Takes {@code count} free blocks, each with one reference, evicting content where it must.
     *
     * @param out receives the block numbers from {@code offset} on
     * @return false, with nothing changed, if fewer than {@code count} blocks are free
     */
    public boolean tryAllocate(int count, int[] out, int offset) {
        if (count > freeBlocks) {
            return false;
        }
        for (int i = 0; i < count; i++) {
            int block = records[sentinel + NEXT];
            int at = block << recordShift;
            if (records[at + CACHED] != 0) {
                evictionListener.accept(block);
                records[at + CACHED] = 0;
            }
            unlink(block);
            records[at + REFERENCES] = 1;
            out[offset + i] = block;
        }
        return true;
    }

    /** Adds a reference; a free block (one found by its content) leaves the free list. */
    public void retain(int block) {
        if (records[(block << recordShift) + REFERENCES]++ == 0) {
            unlink(block);
        }
    }

    /**
     * Drops a reference; with the last one the block is free, though still findable if it is cached.
     *
     * @throws IllegalStateException if nobody holds the block
     */
    public void release(int block) {
        int left = records[(block << recordShift) + REFERENCES] - 1;
        if (left < 0) {
            throw new IllegalStateException("block " + block + " is released but has no references");
        }
        records[(block << recordShift) + REFERENCES] = left;
        if (left == 0) {
            linkBefore(isCached(block) ? blocks : records[sentinel + NEXT], block);
        }
    }

    /** Says that a prefix index can find this block by its content from now on. */
    void markCached(int block) {
        records[(block << recordShift) + CACHED] = 1;
    }

    /** Says that the block's content is not worth keeping; if it is free it is the next to be taken. */
    void clearCached(int block) {
        if (isCached(block)) {
            records[(block << recordShift) + CACHED] = 0;
            if (references(block) == 0) {
                unlink(block);
                linkBefore(records[sentinel + NEXT], block);
            }
        }
    }

    /** Moves a free cached block to the back of the list: it was just used. */
    void touch(int block) {
        if (references(block) == 0) {
            unlink(block);
            linkBefore(blocks, block);
        }
    }

    /** Whether the records have room for what a prefix index knows. */
    boolean isIndexed() {
        return recordShift == INDEXED_SHIFT;
    }

    /** Whether {@code count} blocks could be taken and {@code watermark} would still be free. */
    public boolean hasFree(int count, int watermark) {
        return freeBlocks - (long) count >= watermark;
    }

    /** Blocks without references, cached ones among them. */
    public int freeBlocks() {
        return freeBlocks;
    }

    /** All blocks of the pool. */
    public int blocks() {
        return blocks;
    }

    /** How many tables hold the block. */
    public int references(int block) {
        return records[(block << recordShift) + REFERENCES];
    }

    /** Whether a prefix index can find the block. */
    public boolean isCached(int block) {
        return records[(block << recordShift) + CACHED] != 0;
    }

    /**
     * Walks the free list and compares it with the reference counts, for tests.
     *
     * @throws IllegalStateException if they disagree
     */
    public void checkIntegrity() {
        int seen = 0;
        int before = blocks;
        for (int block = records[sentinel + NEXT]; block != blocks; block = records[(block << recordShift) + NEXT]) {
            int previous = records[(block << recordShift) + PREVIOUS];
            if (references(block) != 0 || previous != before || ++seen > blocks) {
                throw new IllegalStateException("free list broken at block " + block + " with " + references(block)
                        + " references, previous " + previous + " instead of " + before);
            }
            before = block;
        }
        int referenced = 0;
        for (int block = 0; block < blocks; block++) {
            referenced += references(block) > 0 ? 1 : 0;
        }
        if (seen != freeBlocks || seen + referenced != blocks) {
            throw new IllegalStateException("of " + blocks + " blocks " + seen + " are in the free list, " + freeBlocks
                    + " counted free, " + referenced + " referenced");
        }
    }

    private void unlink(int block) {
        int before = records[(block << recordShift) + PREVIOUS];
        int after = records[(block << recordShift) + NEXT];
        records[(before << recordShift) + NEXT] = after;
        records[(after << recordShift) + PREVIOUS] = before;
        freeBlocks--;
    }

    private void linkBefore(int successor, int block) {
        int before = records[(successor << recordShift) + PREVIOUS];
        records[(before << recordShift) + NEXT] = block;
        records[(block << recordShift) + PREVIOUS] = before;
        records[(block << recordShift) + NEXT] = successor;
        records[(successor << recordShift) + PREVIOUS] = block;
        freeBlocks++;
    }
}
