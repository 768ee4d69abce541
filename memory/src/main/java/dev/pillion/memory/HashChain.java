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
    private final long salt;
    private long[] links;
    private int blocks;

    /**
     * An empty chain.
     *
     * @param blockTokens tokens per block
     * @param salt the tenant's salt; chains of different salts never meet
     * @param capacityTokens tokens the chain can cover before its array has to grow
     */
    public HashChain(PrefixHasher hasher, int blockTokens, long salt, int capacityTokens) {
        BlockTable.shiftOf(blockTokens);
        this.hasher = hasher;
        this.blockTokens = blockTokens;
        this.salt = salt;
        links = new long[2 * (Math.max(0, capacityTokens) / blockTokens + 1)];
    }

    /** Computes the links of all full blocks among the first {@code length} tokens that are not there yet. */
    public void extend(int[] tokens, int length) {
        int target = length / blockTokens;
        if (2 * target > links.length) {
            links = Arrays.copyOf(links, Math.max(2 * target, links.length * 2));
        }
        while (blocks < target) {
            int at = 2 * blocks;
            long parent0 = blocks == 0 ? salt : links[at - 2];
            long parent1 = blocks == 0 ? 0 : links[at - 1];
            hasher.link(parent0, parent1, tokens, blocks * blockTokens, blockTokens, links, at);
            blocks++;
        }
    }

    /** A chain of its own that starts with the same links. */
    public HashChain fork() {
        HashChain copy = new HashChain(hasher, blockTokens, salt, 0);
        copy.links = links.clone();
        copy.blocks = blocks;
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
