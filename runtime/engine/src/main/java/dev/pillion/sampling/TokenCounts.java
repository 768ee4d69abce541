package dev.pillion.sampling;

import java.util.Arrays;

/**
 * How often each of a set of tokens occurs: an open-addressing table of ints, so that counting allocates nothing once
 * the table is large enough. Linear probing; removal moves later entries of the cluster back instead of leaving
 * tombstones (Knuth, The Art of Computer Programming 3, 6.4, algorithm R), so a sliding window never clogs the table.
 */
final class TokenCounts {
    private static final int EMPTY = -1;
    private static final int SMALLEST_CAPACITY = 16;

    private int[] tokens;
    private int[] counts;
    private int size;

    /** A table that takes {@code distinctTokens} without growing. */
    TokenCounts(int distinctTokens) {
        allocate(capacityFor(distinctTokens));
    }

    private static int capacityFor(int distinctTokens) {
        long twice = Math.clamp(2L * distinctTokens, SMALLEST_CAPACITY, 1 << 30);
        return Integer.highestOneBit((int) twice - 1) << 1;
    }

    private void allocate(int capacity) {
        tokens = new int[capacity];
        Arrays.fill(tokens, EMPTY);
        counts = new int[capacity];
    }

    /** Counts one more of the token. */
    void increment(int token) {
        int slot = slotOf(token);
        if (tokens[slot] == EMPTY) {
            if (2 * (size + 1) > tokens.length) {
                grow();
                slot = slotOf(token);
            }
            tokens[slot] = token;
            size++;
        }
        counts[slot]++;
    }

    /** Counts one fewer of a token that is in the table. */
    void decrement(int token) {
        int slot = slotOf(token);
        if (--counts[slot] == 0) {
            remove(slot);
        }
    }

    /** How often the token was counted. */
    int count(int token) {
        return counts[slotOf(token)];
    }

    /** Number of distinct tokens. */
    int size() {
        return size;
    }

    /** Number of slots to visit with {@link #tokenAt} and {@link #countAt}. */
    int slots() {
        return tokens.length;
    }

    /** The token in a slot; any value where the count is 0. */
    int tokenAt(int slot) {
        return tokens[slot];
    }

    /** The count in a slot; 0 for an empty one. */
    int countAt(int slot) {
        return counts[slot];
    }

    private int slotOf(int token) {
        int mask = tokens.length - 1;
        int slot = home(token);
        while (tokens[slot] != EMPTY && tokens[slot] != token) {
            slot = (slot + 1) & mask;
        }
        return slot;
    }

    /** Fibonacci hashing: the high bits of the product with 2^32 / golden ratio. */
    private int home(int token) {
        return (token * 0x9E3779B9) >>> (1 + Integer.numberOfLeadingZeros(tokens.length));
    }

    private void remove(int hole) {
        int mask = tokens.length - 1;
        int slot = hole;
        while (true) {
            slot = (slot + 1) & mask;
            if (tokens[slot] == EMPTY) {
                break;
            }
            int distanceFromHome = (slot - home(tokens[slot])) & mask;
            int distanceFromHole = (slot - hole) & mask;
            if (distanceFromHome >= distanceFromHole) {
                tokens[hole] = tokens[slot];
                counts[hole] = counts[slot];
                hole = slot;
            }
        }
        tokens[hole] = EMPTY;
        counts[hole] = 0;
        size--;
    }

    private void grow() {
        int[] oldTokens = tokens;
        int[] oldCounts = counts;
        allocate(2 * oldTokens.length);
        for (int i = 0; i < oldTokens.length; i++) {
            if (oldTokens[i] != EMPTY) {
                int slot = slotOf(oldTokens[i]);
                tokens[slot] = oldTokens[i];
                counts[slot] = oldCounts[i];
            }
        }
    }
}
