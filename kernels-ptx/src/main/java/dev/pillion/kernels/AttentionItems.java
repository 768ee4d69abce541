package dev.pillion.kernels;

import java.util.Arrays;

/**
 * The work items of one launch as the kernels read them, eight ints each, longest first; places that are not used hold
 * items without tokens, which the kernels skip, so that a launch may take all of them.
 */
public final class AttentionItems {
    /** Ints of an item. */
    public static final int INTS = 8;
    /** Index of an item's first token. */
    public static final int FIRST_TOKEN = 0;
    /** Number of an item's tokens. */
    public static final int TOKEN_COUNT = 1;
    /** Where an item's block table begins in the step's block tables. */
    public static final int BLOCK_OFFSET = 2;
    /** First position of an item. */
    public static final int KV_START = 3;
    /** End of an item's positions. */
    public static final int KV_END = 4;
    /** Slot of an item's first token among the partial results; negative if the results are final. */
    public static final int PARTIAL = 5;
    /** Positions that a token sees, its own included. */
    public static final int WINDOW = 6;

    private static final int BUCKETS = 64;

    private final int[] ints;
    private final int[] unordered;
    private final int[] bucketEnd = new int[BUCKETS];
    private int count;
    private int longest;

    AttentionItems(int capacity) {
        ints = new int[Math.multiplyExact(capacity, INTS)];
        unordered = new int[ints.length];
    }

    /** The items, {@code [capacity][INTS]}; the same array for every step. */
    public int[] ints() {
        return ints;
    }

    /** Items that are used. */
    public int count() {
        return count;
    }

    /** Items that there is room for. */
    public int capacity() {
        return ints.length / INTS;
    }

    void clear() {
        count = 0;
        longest = 0;
    }

    void add(int firstToken, int tokenCount, int blockOffset, int kvStart, int kvEnd, int partial, int window) {
        int at = count++ * INTS;
        unordered[at + FIRST_TOKEN] = firstToken;
        unordered[at + TOKEN_COUNT] = tokenCount;
        unordered[at + BLOCK_OFFSET] = blockOffset;
        unordered[at + KV_START] = kvStart;
        unordered[at + KV_END] = kvEnd;
        unordered[at + PARTIAL] = partial;
        unordered[at + WINDOW] = window;
        longest = Math.max(longest, kvEnd - kvStart);
    }

    /**
     * Lists the slots of the items' partial results token by token.
     *
     * @param start where each token's slots begin
     * @param slots takes the slots
     * @param listed slots listed so far, per token
     */
    void listPartials(int[] start, int[] slots, int[] listed) {
        for (int at = 0; at < count * INTS; at += INTS) {
            int partial = unordered[at + PARTIAL];
            int first = unordered[at + FIRST_TOKEN];
            for (int i = 0; partial >= 0 && i < unordered[at + TOKEN_COUNT]; i++) {
                slots[start[first + i] + listed[first + i]++] = partial + i;
            }
        }
    }

    /**
     * Puts the items in order. Thread blocks start in the order of the grid, so the longest first leaves the least to
     * wait for at the end; a counting sort by length in 64 steps is near enough.
     */
    void order() {
        Arrays.fill(bucketEnd, 0);
        for (int i = 0; i < count; i++) {
            bucketEnd[bucket(i)]++;
        }
        for (int b = 1; b < BUCKETS; b++) {
            bucketEnd[b] += bucketEnd[b - 1];
        }
        for (int i = count - 1; i >= 0; i--) {
            System.arraycopy(unordered, i * INTS, ints, --bucketEnd[bucket(i)] * INTS, INTS);
        }
        Arrays.fill(ints, count * INTS, ints.length, 0);
    }

    private int bucket(int item) {
        long length = unordered[item * INTS + KV_END] - unordered[item * INTS + KV_START];
        return BUCKETS - 1 - (int) (length * (BUCKETS - 1) / longest);
    }
}
