package dev.pillion.kernels;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Reads the log-probabilities that {@code sample_logprobs} wrote ({@code SampleLogprobs} in {@code sample_row.cuh}).
 * Rows that asked for none, and rows for which no token was chosen, are left unwritten.
 */
public final class SampleLogprobs {
    /** Bytes of a row. */
    public static final int BYTES = 256;

    private static final int TOKENS = 16;
    private static final int LOGPROBS = TOKENS + 4 * SampleRow.MAX_LOGPROBS;

    private final MemorySegment rows;

    /**
     * Reads from {@code rows}.
     *
     * @param rows rows of a step, {@value #BYTES} bytes each
     */
    public SampleLogprobs(MemorySegment rows) {
        this.rows = rows;
    }

    /** Log-probability of the token that row {@code row} chose. */
    public double chosen(int row) {
        return rows.get(ValueLayout.JAVA_DOUBLE_UNALIGNED, (long) BYTES * row);
    }

    /** Number of most likely tokens reported. */
    public int count(int row) {
        return rows.get(ValueLayout.JAVA_INT_UNALIGNED, (long) BYTES * row + 8);
    }

    /** The {@code i}-th most likely token. */
    public int token(int row, int i) {
        return rows.get(ValueLayout.JAVA_INT_UNALIGNED, (long) BYTES * row + TOKENS + 4L * i);
    }

    /** Log-probability of the {@code i}-th most likely token. */
    public double logprob(int row, int i) {
        return rows.get(ValueLayout.JAVA_DOUBLE_UNALIGNED, (long) BYTES * row + LOGPROBS + 8L * i);
    }
}
