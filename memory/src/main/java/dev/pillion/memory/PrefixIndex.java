package dev.pillion.memory;

import java.util.Arrays;

/**
 * Finds blocks of one pool by the tokens up to and including theirs.
 *
 * <p>A hash table over the links of {@link HashChain}. The entries are the pool's own records of its blocks, so that an
 * entry costs nothing to make, is removed without a search, and lies where whoever takes or frees the block has to look
 * anyway. Each entry keeps its block's tokens and a hit is believed only when they are equal too. Only full blocks
 * whose tokens are final belong here. Two sequences that compute the same block at the same time both keep theirs and
 * both may be entered: block tables are append-only, so neither could switch to the other's.
 *
 * <p>Which entry goes first when blocks run out is the pool's affair: its free list is in least-recently-used order and
 * tells the owner of the index, who calls {@link #remove}.
 */
public final class PrefixIndex {
    private static final int NONE = -1;
    /** Fields of an entry: the two halves of its link, two ints each, low before high, and its bucket's neighbours. */
    private static final int FIRST = BlockPool.INDEX_FIELDS;

    private static final int SECOND = FIRST + 2;
    private static final int NEXT = FIRST + 4;
    private static final int PREVIOUS = FIRST + 5;

    private final BlockPool pool;
    private final int[] records;
    private final int recordShift;
    private final int blockTokens;
    private final int[] buckets;
    private final int[] tokens;
    private int entries;

    /** An empty index over the blocks of {@code pool}, which must have been made for one. */
    PrefixIndex(BlockPool pool, int blockTokens) {
        BlockTable.shiftOf(blockTokens);
        int blocks = pool.blocks();
        if ((long) blocks * blockTokens > Integer.MAX_VALUE - 8) {
            throw new IllegalArgumentException("a prefix index keeps at most 2^31 tokens; " + blocks + " blocks of "
                    + blockTokens + " are more: make the pool smaller or turn prefix caching off");
        }
        if (!pool.isIndexed()) {
            throw new IllegalArgumentException("the pool has no room for what an index knows of its blocks");
        }
        this.pool = pool;
        this.blockTokens = blockTokens;
        records = pool.records;
        recordShift = pool.recordShift;
        buckets = new int[Math.max(2, Integer.highestOneBit(Math.min(blocks, 1 << 28)) * 4)];
        Arrays.fill(buckets, NONE);
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

    /** Enters {@code block} with its link and its tokens, which begin at {@code source[from]}. */
    void insert(int block, long first, long second, int[] source, int from) {
        if (pool.isCached(block)) {
            return;
        }
        System.arraycopy(source, from, tokens, block * blockTokens, blockTokens);
        int at = block << recordShift;
        records[at + FIRST] = (int) first;
        records[at + FIRST + 1] = (int) (first >> 32);
        records[at + SECOND] = (int) second;
        records[at + SECOND + 1] = (int) (second >> 32);
        int bucket = bucketOf((int) first);
        int head = buckets[bucket];
        records[at + NEXT] = head;
        records[at + PREVIOUS] = NONE;
        if (head != NONE) {
            records[(head << recordShift) + PREVIOUS] = block;
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
        for (int block = buckets[bucketOf((int) first)]; block != NONE; block = records[(block << recordShift) + NEXT]) {
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
        int at = block << recordShift;
        int before = records[at + PREVIOUS];
        int after = records[at + NEXT];
        if (before == NONE) {
            buckets[bucketOf(records[at + FIRST])] = after;
        } else {
            records[(before << recordShift) + NEXT] = after;
        }
        if (after != NONE) {
            records[(after << recordShift) + PREVIOUS] = before;
        }
        entries--;
    }

    private long first(int block) {
        return halfLink(block, FIRST);
    }

    private long second(int block) {
        return halfLink(block, SECOND);
    }

    private long halfLink(int block, int field) {
        int at = (block << recordShift) + field;
        return (long) records[at + 1] << 32 | records[at] & 0xffffffffL;
    }

    private int bucketOf(int firstLow) {
        return firstLow & buckets.length - 1;
    }

    private boolean sameTokens(int block, int[] source, int from) {
        int at = block * blockTokens;
        return Arrays.equals(tokens, at, at + blockTokens, source, from, from + blockTokens);
    }
}
