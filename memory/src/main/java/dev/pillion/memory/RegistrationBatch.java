package dev.pillion.memory;

/**
 * Full blocks on their way into a prefix index, each the next of its sequence's chain, as decodes fill them.
 *
 * <p>With a thousand sequences everything a block's entry is made from is a cache miss, and a hash is a chain of
 * operations too long for the processor to look beyond. So the misses are taken first, where they overlap, then come
 * the hashes, from one small array, and then the entries.
 */
final class RegistrationBatch {
    /** Enough for misses to overlap; tokens and links of a batch stay within the L1 cache. */
    private static final int CAPACITY = 64;

    private final PrefixIndex index;
    private final PrefixHasher hasher;
    private final int blockTokens;
    private final HashChain[] chains = new HashChain[CAPACITY];
    private final int[] blocks = new int[CAPACITY];
    /** {@code [entry, blockTokens]}. */
    private final int[] tokens;

    /** {@code [entry, 2]}: the parent links, then the links. */
    private final long[] links = new long[2 * CAPACITY];

    private int size;

    RegistrationBatch(PrefixIndex index, PrefixHasher hasher, int blockTokens) {
        this.index = index;
        this.hasher = hasher;
        this.blockTokens = blockTokens;
        tokens = new int[CAPACITY * blockTokens];
    }

    /** Notes that {@code block} holds the first full block of a sequence that has no link in its chain. */
    void add(int block, HashChain chain, int[] sequenceTokens) {
        if (size == CAPACITY) {
            flush();
        }
        chains[size] = chain;
        blocks[size] = block;
        System.arraycopy(sequenceTokens, chain.blocks() * blockTokens, tokens, size * blockTokens, blockTokens);
        chain.copyLast(links, 2 * size);
        size++;
    }

    /** Enters all that was noted; the chains then have their links. */
    void flush() {
        for (int i = 0; i < size; i++) {
            hasher.link(links[2 * i], links[2 * i + 1], tokens, i * blockTokens, blockTokens, links, 2 * i);
        }
        for (int i = 0; i < size; i++) {
            chains[i].append(links[2 * i], links[2 * i + 1]);
            index.insert(blocks[i], links[2 * i], links[2 * i + 1], tokens, i * blockTokens);
        }
        size = 0;
    }
}
