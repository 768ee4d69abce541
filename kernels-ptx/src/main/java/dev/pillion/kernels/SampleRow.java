package dev.pillion.kernels;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Writes the rows that the sampling kernels read: how each row of logits is sampled ({@code SampleRow} in
 * {@code sample_row.cuh}). A cursor over a segment: {@link #begin} moves to a row and sets what changes nothing, the
 * other methods change that row. The meaning of the parameters is that of {@code dev.pillion.sampling.SamplingParams}.
 * Not thread-safe.
 */
public final class SampleRow {
    /** Bytes of a row. */
    public static final int BYTES = 96;
    /** The most alternatives whose log-probabilities are reported. */
    public static final int MAX_LOGPROBS = 20;

    private static final ValueLayout.OfDouble F64 = ValueLayout.JAVA_DOUBLE_UNALIGNED;
    private static final ValueLayout.OfInt I32 = ValueLayout.JAVA_INT_UNALIGNED;

    /** What becomes of a row. */
    public enum Mode {
        /** Nothing: padding of a graph. */
        SKIP,
        /** The highest logit. */
        GREEDY,
        /** A draw. */
        DRAW
    }

    private final MemorySegment rows;
    private long at;

    /**
     * Writes into {@code rows}.
     *
     * @param rows room for the rows of a step, {@value #BYTES} bytes each
     */
    public SampleRow(MemorySegment rows) {
        this.rows = rows;
    }

    /** Moves to row {@code index} and gives it a mode, no filters, no penalties, no adjustments and no log-probabilities. */
    public SampleRow begin(int index, Mode mode) {
        at = (long) BYTES * index;
        rows.asSlice(at, BYTES).fill((byte) 0);
        rows.set(I32, at + 68, mode.ordinal());
        return temperature(1).topP(1).typicalP(1).repetitionPenalty(1).logprobs(-1);
    }

    /** Divides the logits. */
    public SampleRow temperature(double temperature) {
        rows.set(F64, at, temperature);
        return this;
    }

    /** Sum of probabilities to keep; 1 is off. */
    public SampleRow topP(double topP) {
        rows.set(F64, at + 8, topP);
        return this;
    }

    /** Smallest fraction of the highest probability to keep; 0 is off. */
    public SampleRow minP(double minP) {
        rows.set(F64, at + 16, minP);
        return this;
    }

    /** Sum of the probabilities of typical tokens to keep; 1 is off. */
    public SampleRow typicalP(double typicalP) {
        rows.set(F64, at + 24, typicalP);
        return this;
    }

    /** Divides or multiplies the logits of the adjustments that are marked as seen; 1 is off. */
    public SampleRow repetitionPenalty(double penalty) {
        rows.set(F64, at + 32, penalty);
        return this;
    }

    /** Subtracted for each time a token was generated; 0 is off. */
    public SampleRow frequencyPenalty(double penalty) {
        rows.set(F64, at + 40, penalty);
        return this;
    }

    /** Subtracted once from a token that was generated; 0 is off. */
    public SampleRow presencePenalty(double penalty) {
        rows.set(F64, at + 48, penalty);
        return this;
    }

    /** The random number of a draw is a hash of the seed and of the number of tokens generated before. */
    public SampleRow random(long seed, int position) {
        rows.set(ValueLayout.JAVA_LONG_UNALIGNED, at + 56, seed);
        rows.set(I32, at + 64, position);
        return this;
    }

    /** Number of tokens to keep; 0 is off. */
    public SampleRow topK(int topK) {
        rows.set(I32, at + 72, topK);
        return this;
    }

    /** How many log-probabilities to report besides the chosen token's; -1 reports none at all. */
    public SampleRow logprobs(int top) {
        if (top > MAX_LOGPROBS) {
            throw new IllegalArgumentException("logprobs is " + top + "; allowed: at most " + MAX_LOGPROBS);
        }
        rows.set(I32, at + 76, top);
        return this;
    }

    /** Which entries of the list of adjustments are this row's. */
    public SampleRow adjustments(int start, int count) {
        rows.set(I32, at + 80, start);
        rows.set(I32, at + 84, count);
        return this;
    }
}
