package dev.pillion.memory;

import java.util.Arrays;

/**
 * Whole-block copies a backend must make before it runs a step, <em>in list order</em>: copy on write, blocks that
 * leave the device for the host, blocks that come back. A block may be the target of one copy and the source of a later
 * one, so an implementation that copies in parallel must keep such pairs apart.
 */
public final class CopyList {
    private static final int FIELDS = 4;

    private int[] fields;
    private int size;
    private int intoDevice;

    /** A list with room for {@code capacity} copies; it grows beyond that if it must. */
    public CopyList(int capacity) {
        fields = new int[Math.max(1, capacity) * FIELDS];
    }

    /**
     * Adds a copy of block {@code sourceIndex} of {@code sourcePool} onto {@code targetIndex} of {@code targetPool}.
     */
    public void add(int sourcePool, int sourceIndex, int targetPool, int targetIndex) {
        int at = size * FIELDS;
        if (at == fields.length) {
            fields = Arrays.copyOf(fields, fields.length * 2);
        }
        fields[at] = sourcePool;
        fields[at + 1] = sourceIndex;
        fields[at + 2] = targetPool;
        fields[at + 3] = targetIndex;
        size++;
        if (targetPool == BlockAddress.DEVICE_POOL) {
            intoDevice++;
        }
    }

    /** Forgets all copies. */
    public void clear() {
        size = 0;
        intoDevice = 0;
    }

    /** Number of copies. */
    public int size() {
        return size;
    }

    /** Number of copies whose target is a device block. */
    public int intoDevice() {
        return intoDevice;
    }

    /** Pool copy {@code i} reads. */
    public int sourcePool(int i) {
        return fields[at(i)];
    }

    /** Block copy {@code i} reads. */
    public int sourceIndex(int i) {
        return fields[at(i) + 1];
    }

    /** Pool copy {@code i} writes. */
    public int targetPool(int i) {
        return fields[at(i) + 2];
    }

    /** Block copy {@code i} writes. */
    public int targetIndex(int i) {
        return fields[at(i) + 3];
    }

    /** Both ends of copy {@code i} as text, for messages. */
    public String describe(int i) {
        return new BlockAddress(sourcePool(i), sourceIndex(i)) + " -> "
                + new BlockAddress(targetPool(i), targetIndex(i));
    }

    private int at(int i) {
        if (i < 0 || i >= size) {
            throw new IndexOutOfBoundsException("copy " + i + " of " + size);
        }
        return i * FIELDS;
    }
}
