package dev.pillion.model.tokenizer;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * A hash table from pairs of ints to non-negative longs, open addressing over two flat arrays. The merge loop asks it a
 * few times per character, which is why it is not a {@code HashMap}. The hash multiplies by a random odd number and
 * takes the upper bits, so that no file can be made whose pairs collide.
 */
final class LongTable {
    /** The answer for a pair that is not there. */
    static final long ABSENT = -1;

    private final long multiplier = new SplittableRandom().nextLong() | 1;
    private long[] keys;
    private long[] values;
    private int shift;
    private int size;

    LongTable() {
        allocate(64);
    }

    int size() {
        return size;
    }

    /** The value of a pair, or {@link #ABSENT}. */
    long get(int left, int right) {
        long key = key(left, right);
        int mask = keys.length - 1;
        for (int slot = slot(key); ; slot = slot + 1 & mask) {
            if (values[slot] == ABSENT || keys[slot] == key) {
                return values[slot];
            }
        }
    }

    /** Adds a pair unless it is there; says whether it was added. */
    boolean putIfAbsent(int left, int right, long value) {
        if (2 * size >= keys.length) {
            grow();
        }
        boolean added = insert(key(left, right), value);
        if (added) {
            size++;
        }
        return added;
    }

    private boolean insert(long key, long value) {
        int mask = keys.length - 1;
        int slot = slot(key);
        while (values[slot] != ABSENT) {
            if (keys[slot] == key) {
                return false;
            }
            slot = slot + 1 & mask;
        }
        keys[slot] = key;
        values[slot] = value;
        return true;
    }

    private void grow() {
        long[] oldKeys = keys;
        long[] oldValues = values;
        allocate(Math.multiplyExact(keys.length, 2));
        for (int i = 0; i < oldKeys.length; i++) {
            if (oldValues[i] != ABSENT) {
                insert(oldKeys[i], oldValues[i]);
            }
        }
    }

    private void allocate(int capacity) {
        keys = new long[capacity];
        values = new long[capacity];
        shift = Long.SIZE - Integer.numberOfTrailingZeros(capacity);
        Arrays.fill(values, ABSENT);
    }

    private static long key(int left, int right) {
        return (long) left << 32 | right & 0xFFFF_FFFFL;
    }

    private int slot(long key) {
        return (int) (key * multiplier >>> shift);
    }
}
