package dev.pillion.memory;

import java.util.Arrays;

/**
 * The prefix links of one sequence: link {@code i} stands for all tokens up to the end of full block {@code i}, under
 * the sequence's salt. Each link is computed once in the sequence's life, however often it waits, is preempted and
 * resumes.
 */
public final class HashChain {
    private final PrefixHasher hasher;
    private final int blockTokens;
    private final int blockShift;
    private long[] links;
    private int blocks;
    /** The last link, or the salt: the parent of the next, here once more to spare a decode the way into the array. */
    private long last0;

    private long last1;

    /**
     * An empty chain.
     *
     * @param blockTokens tokens per block
     * @param salt the tenant's salt; chains of different salts never meet
     * @param capacityTokens tokens the chain can cover before its array has to grow
     */
    public HashChain(PrefixHasher hasher, int blockTokens, long salt, int capacityTokens) {
        this.hasher = hasher;
        this.blockTokens = blockTokens;
        blockShift = BlockTable.shiftOf(blockTokens);
        last0 = salt;
        links = new long[2 * (Math.max(0, capacityTokens) / blockTokens + 1)];
    }

    /** Computes the links of all full blocks among the first {@code length} tokens that are not there yet. */
    public void extend(int[] tokens, int length) {
        int target = length >> blockShift;
        ensureCapacity(target);
        while (blocks < target) {
            int at = 2 * blocks;
            hasher.link(last0, last1, tokens, blocks << blockShift, blockTokens, links, at);
            last0 = links[at];
            last1 = links[at + 1];
            blocks++;
        }
    }

    /** Adds a link computed elsewhere from {@link #copyLast} and the block's tokens. */
    void append(long first, long second) {
        ensureCapacity(blocks + 1);
        links[2 * blocks] = first;
        links[2 * blocks + 1] = second;
        last0 = first;
        last1 = second;
        blocks++;
    }

    /** Copies the two halves of the link that is the parent of the next. */
    void copyLast(long[] out, int index) {
        out[index] = last0;
        out[index + 1] = last1;
    }

    private void ensureCapacity(int target) {
        if (2 * target > links.length) {
            links = Arrays.copyOf(links, Math.max(2 * target, links.length * 2));
        }
    }

    /** A chain of its own that starts with the same links. */
    public HashChain fork() {
        HashChain copy = new HashChain(hasher, blockTokens, 0, 0);
        copy.links = links.clone();
        copy.blocks = blocks;
        copy.last0 = last0;
        copy.last1 = last1;
        return copy;
    }

    /** Full blocks with a link. */
    public int blocks() {
        return blocks;
    }

    /** Whether both chains have a link for block {@code i} and it is the same: their prefixes up to there are equal. */
    public boolean agreesAt(HashChain other, int i) {
        return i < blocks && i < other.blocks && first(i) == other.first(i) && second(i) == other.second(i);
    }

    /** First half of link {@code i}. */
    long first(int i) {
        return links[2 * i];
    }

    /** Second half of link {@code i}. */
    long second(int i) {
        return links[2 * i + 1];
    }
}
