package dev.pillion.cuda;

/**
 * Sizes of decode steps that graphs are recorded for: 1, 2, 4, then multiples of 8. A step is padded to the next: a step
 * of decodes is bound by reading weights, which a few more rows do not add to.
 */
final class DecodeBuckets {
    private static final int STRIDE = 8;
    private static final int LARGEST = 512;

    private final int most;

    /**
     * Buckets up to a size.
     *
     * @param maxTokens most tokens of a decode step
     */
    DecodeBuckets(int maxTokens) {
        this.most = Math.min(LARGEST, maxTokens);
    }

    /** The bucket of a step, or 0 if it is too large for a graph. */
    int of(int tokens) {
        if (tokens > most) {
            return 0;
        }
        int bucket = tokens <= 4 ? Math.max(1, Integer.highestOneBit(2 * tokens - 1)) : Math.ceilDiv(tokens, STRIDE) * STRIDE;
        return Math.min(bucket, most);
    }
}
