package dev.pillion.memory;

import java.util.function.IntConsumer;

/**
 * Hands out KV blocks of one pool by number and counts who holds them.
 *
 * <p>A block with no references is <em>free</em> and sits in a doubly linked list threaded through two int arrays, so
 * that a block found again by its content leaves the middle of the list in constant time. The list runs from the next to
 * be taken to the last: blocks without content worth keeping go to its front, <em>cached</em> ones (a prefix index can
 * still find them) to its back, which makes it least-recently-used order. Taking a cached block from the front evicts
 * it: the listener hears of it while the block's bytes are still those of its content.
 *
 * <p>Allocation is all-or-nothing: a refusal changes nothing. Whoever frees a sequence frees its blocks from the last to
 * the first, so that its tail is evicted before its head, which others are likelier to share.
 *
 * <p>Not thread-safe: one engine thread owns a pool. A block freed while a step is in flight may be taken by the next
 * step's plan at once, since steps of one engine run one after the other; no epochs or fences are kept here.
 */
public final class BlockPool {
    private final int blocks;
    private final IntConsumer evictionListener;
    /** Links of the free list; entry {@code blocks} is the sentinel, its next the front and its previous the back. */
    private final int[] next;

    private final int[] previous;
    private final int[] references;
    private final boolean[] cached;
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
        if (blocks < 1 || blocks == Integer.MAX_VALUE) {
            throw new IllegalArgumentException("a pool needs between 1 and 2^31 - 2 blocks, not " + blocks);
        }
        this.blocks = blocks;
        this.evictionListener = evictionListener;
        next = new int[blocks + 1];
        previous = new int[blocks + 1];
        references = new int[blocks];
        cached = new boolean[blocks];
        for (int i = 0; i <= blocks; i++) {
            next[i] = i == blocks ? 0 : i + 1;
            previous[i] = i == 0 ? blocks : i - 1;
        }
        freeBlocks = blocks;
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
            int block = next[blocks];
            if (cached[block]) {
                evictionListener.accept(block);
                cached[block] = false;
            }
            unlink(block);
            references[block] = 1;
            out[offset + i] = block;
        }
        return true;
    }

    /** Adds a reference; a free block (one found by its content) leaves the free list. */
    public void retain(int block) {
        if (references[block]++ == 0) {
            unlink(block);
        }
    }

    /**
     * Drops a reference; with the last one the block is free, though still findable if it is cached.
     *
     * @throws IllegalStateException if nobody holds the block
     */
    public void release(int block) {
        int left = references[block] - 1;
        if (left < 0) {
            throw new IllegalStateException("block " + block + " is released but has no references");
        }
        references[block] = left;
        if (left == 0) {
            if (cached[block]) {
                linkBefore(blocks, block);
            } else {
                linkBefore(next[blocks], block);
            }
        }
    }

    /** Says that a prefix index can find this block by its content from now on. */
    void markCached(int block) {
        cached[block] = true;
    }

    /** Says that the block's content is not worth keeping; if it is free it is the next to be taken. */
    void clearCached(int block) {
        if (cached[block]) {
            cached[block] = false;
            if (references[block] == 0) {
                unlink(block);
                linkBefore(next[blocks], block);
            }
        }
    }

    /** Moves a free cached block to the back of the list: it was just used. */
    void touch(int block) {
        if (references[block] == 0) {
            unlink(block);
            linkBefore(blocks, block);
        }
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
        return references[block];
    }

    /** Whether a prefix index can find the block. */
    public boolean isCached(int block) {
        return cached[block];
    }

    /**
     * Walks the free list and compares it with the reference counts, for tests.
     *
     * @throws IllegalStateException if they disagree
     */
    public void checkIntegrity() {
        int seen = 0;
        int before = blocks;
        for (int at = next[blocks]; at != blocks; at = next[at]) {
            if (references[at] != 0 || previous[at] != before || ++seen > blocks) {
                throw new IllegalStateException("free list broken at block " + at + " with " + references[at]
                        + " references, previous " + previous[at] + " instead of " + before);
            }
            before = at;
        }
        int referenced = 0;
        for (int count : references) {
            referenced += count > 0 ? 1 : 0;
        }
        if (seen != freeBlocks || seen + referenced != blocks) {
            throw new IllegalStateException("of " + blocks + " blocks " + seen + " are in the free list, " + freeBlocks
                    + " counted free, " + referenced + " referenced");
        }
    }

    private void unlink(int block) {
        int before = previous[block];
        int after = next[block];
        next[before] = after;
        previous[after] = before;
        freeBlocks--;
    }

    private void linkBefore(int successor, int block) {
        int before = previous[successor];
        next[before] = block;
        previous[block] = before;
        next[block] = successor;
        previous[successor] = block;
        freeBlocks++;
    }
}
