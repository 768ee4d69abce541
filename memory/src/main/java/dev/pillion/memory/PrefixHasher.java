package dev.pillion.memory;

/**
 * The keyed hash that links a block's tokens to everything before them: SipHash-1-3 with 128 bits of output (the
 * lighter variant of Aumasson and Bernstein's function, the one languages use for their hash tables), over the parent
 * link and the block's tokens.
 *
 * <p>A link stands for a whole prefix, so two prefixes with one link would read each other's keys and values. With a
 * key that is random per process nobody outside can look for such a pair, and 128 bits leave none to chance; an unkeyed
 * 64-bit hash has been the way to poison other engines' caches. The first link of a chain has no parent but the
 * tenant's salt, so equal prompts under different salts never meet.
 */
public final class PrefixHasher {
    private final long key0;
    private final long key1;

    /** A hasher with a key of two random longs. */
    public PrefixHasher(long key0, long key1) {
        this.key0 = key0;
        this.key1 = key1;
    }

    /**
     * Hashes one block.
     *
     * @param parent0 first half of the parent link, or the salt
     * @param parent1 second half of the parent link, or zero
     * @param tokens tokens {@code from} to {@code from + count} are the block's
     * @param out receives the two halves of the link at {@code outIndex} and after
     */
    void link(long parent0, long parent1, int[] tokens, int from, int count, long[] out, int outIndex) {
        long v0 = key0 ^ 0x736f6d6570736575L;
        long v1 = key1 ^ 0x646f72616e646f6dL ^ 0xee;
        long v2 = key0 ^ 0x6c7967656e657261L;
        long v3 = key1 ^ 0x7465646279746573L;
        int fullWords = 2 + count / 2;
        // Full words, the last word with the length, then two turns of finalisation, one for each half of the output.
        for (int step = 0; step <= fullWords + 2; step++) {
            long word = 0;
            if (step < 2) {
                word = step == 0 ? parent0 : parent1;
            } else if (step <= fullWords) {
                word = pair(tokens, from, count, 2 * (step - 2));
            }
            if (step == fullWords) {
                word |= (16L + 4L * count) << 56;
            } else if (step == fullWords + 1) {
                v2 ^= 0xee;
            } else if (step == fullWords + 2) {
                v1 ^= 0xdd;
            }
            v3 ^= word;
            for (int rounds = step <= fullWords ? 1 : 3; rounds > 0; rounds--) {
                v0 += v1;
                v1 = Long.rotateLeft(v1, 13) ^ v0;
                v0 = Long.rotateLeft(v0, 32);
                v2 += v3;
                v3 = Long.rotateLeft(v3, 16) ^ v2;
                v0 += v3;
                v3 = Long.rotateLeft(v3, 21) ^ v0;
                v2 += v1;
                v1 = Long.rotateLeft(v1, 17) ^ v2;
                v2 = Long.rotateLeft(v2, 32);
            }
            v0 ^= word;
            if (step > fullWords) {
                out[outIndex + step - fullWords - 1] = v0 ^ v1 ^ v2 ^ v3;
            }
        }
    }

    /**
     * Tokens {@code at} and {@code at + 1} of the block as one little-endian word; what lies behind the end is zero.
     */
    private static long pair(int[] tokens, int from, int count, int at) {
        long low = at < count ? tokens[from + at] & 0xffffffffL : 0;
        return at + 1 < count ? low | (long) tokens[from + at + 1] << 32 : low;
    }
}
