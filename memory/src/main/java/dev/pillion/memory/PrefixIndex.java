package dev.pillion.memory;

import java.util.Arrays;

/**
 * Finds blocks of one pool by the tokens up to and including theirs.
 *
 * <p>A hash table over the links of {@link HashChain}, with its entries in arrays numbered like the pool's blocks, so
 * that an entry costs nothing to make and is removed without a search. Each entry keeps its block's tokens and a hit is
 * believed only when they are equal too. Only full blocks whose tokens are final belong here. Two sequences that
 * compute the same block at the same time both keep theirs and both may be entered: block tables are append-only, so
 * neither could switch to the other's.
 *
 * <p>Which entry goes first when blocks run out is the pool's affair: its free list is in least-recently-used order and
 * tells the owner of the index, who calls {@link #remove}.
 */
public final class PrefixIndex {
    private static final int NONE = -1;
    /** Fields of one entry lie side by side, two entries to a cache line; the fourth is there for the alignment. */
    private static final int FIELDS = 4;

    private static final int FIRST = 0;
    private static final int SECOND = 1;
    private static final int NEIGHBOURS = 2;

    private final BlockPool pool;
    private final int blockTokens;
    private final int[] buckets;
    /** Per block: the two halves of its link, and its neighbours in the bucket, next in the high half. */
    private final long[] links;

    private final int[] tokens;
    private int entries;

    /** An empty index over the blocks of {@code pool}. */
    public PrefixIndex(BlockPool pool, int blockTokens) {
        BlockTable.shiftOf(blockTokens);
        int blocks = pool.blocks();
        if ((long) blocks * Math.max(FIELDS, blockTokens) > Integer.MAX_VALUE - 8) {
            throw new IllegalArgumentException("a prefix index keeps at most 2^31 tokens in 2^29 blocks; " + blocks
                    + " blocks of " + blockTokens + " are more: make the pool smaller or turn prefix caching off");
        }
        this.pool = pool;
        this.blockTokens = blockTokens;
        buckets = new int[Math.max(2, Integer.highestOneBit(Math.min(blocks, 1 << 28)) * 4)];
        Arrays.fill(buckets, NONE);
        links = new long[blocks * FIELDS];
        tokens = new int[blocks * blockTokens];
    }

    /**
     * Enters a block that holds the keys and values of full block {@code chainBlock} of a sequence. Nothing happens if
     * the block is entered already, as the blocks of a forked sequence are.
     *
     * @param sequenceTokens all tokens of the sequence
     */
    public void insert(int block, HashChain chain, int chainBlock, int[] sequenceTokens) {
        insert(block, chain.first(chainBlock), chain.second(chainBlock), sequenceTokens, chainBlock * blockTokens);
    }

    /** Enters {@code block} as a copy of what {@code other} knows as {@code otherBlock}. */
    void insertCopy(int block, PrefixIndex other, int otherBlock) {
        insert(block, other.first(otherBlock), other.second(otherBlock), other.tokens, otherBlock * blockTokens);
    }

    private void insert(int block, long first, long second, int[] source, int from) {
        if (pool.isCached(block)) {
            return;
        }
        System.arraycopy(source, from, tokens, block * blockTokens, blockTokens);
        links[block * FIELDS + FIRST] = first;
        links[block * FIELDS + SECOND] = second;
        int bucket = bucketOf(first);
        int head = buckets[bucket];
        setNeighbours(block, head, NONE);
        if (head != NONE) {
            setNeighbours(head, next(head), block);
        }
        buckets[bucket] = block;
        pool.markCached(block);
        entries++;
    }

    /** The block that holds full block {@code chainBlock} of this chain and these tokens, or -1. */
    public int find(HashChain chain, int chainBlock, int[] sequenceTokens) {
        return find(chain.first(chainBlock), chain.second(chainBlock), sequenceTokens, chainBlock * blockTokens);
    }

    /** The block that holds the same as {@code otherBlock} of {@code other}, or -1. */
    int findCopy(PrefixIndex other, int otherBlock) {
        return find(other.first(otherBlock), other.second(otherBlock), other.tokens, otherBlock * blockTokens);
    }

    private int find(long first, long second, int[] source, int from) {
        for (int block = buckets[bucketOf(first)]; block != NONE; block = next(block)) {
            if (first(block) == first && second(block) == second && sameTokens(block, source, from)) {
                return block;
            }
        }
        return NONE;
    }

    /**
     * The blocks that hold the longest known prefix of {@code length} tokens, leaving at least one token to compute:
     * the step that follows needs the logits of the last one.
     *
     * @param chain links of the tokens, extended to {@code length}
     * @param out receives the blocks in order
     * @return how many
     */
    public int match(HashChain chain, int[] sequenceTokens, int length, int[] out) {
        int most = Math.max(0, length - 1) / blockTokens;
        int matched = 0;
        while (matched < most) {
            int block = find(chain, matched, sequenceTokens);
            if (block == NONE) {
                break;
            }
            out[matched++] = block;
        }
        return matched;
    }

    /** Forgets a block's content; nothing happens if it is not entered. */
    public void remove(int block) {
        if (!pool.isCached(block)) {
            return;
        }
        unlink(block);
        pool.clearCached(block);
    }

    /** As {@link #remove}, for the eviction listener: the pool is about to drop its mark itself. */
    void removeEvicted(int block) {
        unlink(block);
    }

    /** Forgets everything, as after a device failure that leaves the blocks' bytes in doubt. */
    public void clear() {
        for (int block = 0; block < pool.blocks(); block++) {
            remove(block);
        }
    }

    /** Number of blocks entered. */
    public int size() {
        return entries;
    }

    private void unlink(int block) {
        int before = previous(block);
        int after = next(block);
        if (before == NONE) {
            buckets[bucketOf(first(block))] = after;
        } else {
            setNeighbours(before, after, previous(before));
        }
        if (after != NONE) {
            setNeighbours(after, next(after), before);
        }
        entries--;
    }

    private long first(int block) {
        return links[block * FIELDS + FIRST];
    }

    private long second(int block) {
        return links[block * FIELDS + SECOND];
    }

    private int next(int block) {
        return (int) (links[block * FIELDS + NEIGHBOURS] >> 32);
    }

    private int previous(int block) {
        return (int) links[block * FIELDS + NEIGHBOURS];
    }

    private void setNeighbours(int block, int next, int previous) {
        links[block * FIELDS + NEIGHBOURS] = (long) next << 32 | previous & 0xffffffffL;
    }

    private int bucketOf(long first) {
        return (int) first & (buckets.length - 1);
    }

    private boolean sameTokens(int block, int[] source, int from) {
        int at = block * blockTokens;
        return Arrays.equals(tokens, at, at + blockTokens, source, from, from + blockTokens);
    }
}
