package dev.pillion.kernels;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Writes the list of logits that bias, bans and penalties change, the rows' entries one after the other
 * ({@code SampleAdjustment} in {@code sample_row.cuh}). A token has at most one entry in a row: what a bias, a ban and
 * the penalties do to it is merged there, and happens in that order. Not thread-safe.
 */
public final class SampleAdjustments {
    /** Bytes of an entry. */
    public static final int BYTES = 24;

    private static final int BANNED = 1;
    private static final int SEEN = 2;

    private final MemorySegment list;

    /**
     * Writes into {@code list}.
     *
     * @param list room for the entries of a step, {@value #BYTES} bytes each
     */
    public SampleAdjustments(MemorySegment list) {
        this.list = list;
    }

    /**
     * Writes an entry.
     *
     * @param index place in the list
     * @param token the logit to change, below the vocabulary
     * @param bias what is added to it, finite
     * @param banned whether it becomes -Infinity whatever it was
     * @param seen whether the repetition penalty acts on it
     * @param generated how often the frequency and presence penalties count it
     */
    public void put(int index, int token, double bias, boolean banned, boolean seen, int generated) {
        long at = (long) BYTES * index;
        list.set(ValueLayout.JAVA_DOUBLE_UNALIGNED, at, bias);
        list.set(ValueLayout.JAVA_INT_UNALIGNED, at + 8, token);
        list.set(ValueLayout.JAVA_INT_UNALIGNED, at + 12, generated);
        list.set(ValueLayout.JAVA_INT_UNALIGNED, at + 16, (banned ? BANNED : 0) | (seen ? SEEN : 0));
        list.set(ValueLayout.JAVA_INT_UNALIGNED, at + 20, 0);
    }
}
