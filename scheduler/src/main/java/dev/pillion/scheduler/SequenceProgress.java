package dev.pillion.scheduler;

import dev.pillion.memory.BlockTable;
import dev.pillion.memory.HashChain;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The part of a {@link Sequence} that every step reads and writes. A superclass, since the JVM lays its fields out
 * first and together: planning and committing a decode then touch one cache line of the sequence and not four, and with
 * a thousand running those misses are most of what a step costs.
 */
abstract sealed class SequenceProgress permits Sequence {
    /** Stands for a token that a running step is still to sample. */
    static final int UNKNOWN_TOKEN = -1;

    /** The step that last scheduled this sequence, and where in its plan. */
    long scheduledStep = -1;

    int planIndex = -1;

    /** Known tokens, and how many there are when all that may be generated are. */
    int length;

    private final int endLength;
    int computed;
    /** Tokens that were known at the last admission: up to there the work is prefill, from there on decode. */
    int prefillEnd;

    /**
     * Positions below it, from {@code computed} on, lie in blocks that are there and are this sequence's own to write;
     * so a decode in the middle of a block need not look at the table.
     */
    int writableEnd;

    int registeredBlocks;
    /** Whether the last known token is {@link #UNKNOWN_TOKEN}. */
    boolean assumed;

    int[] tokens;
    SequenceState state = SequenceState.NEW;
    private @Nullable BlockTable table;
    private @Nullable HashChain chain;

    SequenceProgress(int[] tokens, int length, int endLength) {
        this.tokens = tokens;
        this.length = length;
        this.endLength = endLength;
    }

    void bind(BlockTable ownTable, HashChain ownChain) {
        table = ownTable;
        chain = ownChain;
    }

    BlockTable table() {
        return Objects.requireNonNull(table, "sequence was not submitted");
    }

    HashChain chain() {
        return Objects.requireNonNull(chain, "sequence was not submitted");
    }

    void append(int token) {
        if (length == tokens.length) {
            tokens = Arrays.copyOf(tokens, Math.max(length + 1, (int) Math.min(endLength, 2L * length)));
        }
        tokens[length++] = token;
    }

    /** Counts the token that a running step samples as known before it is. */
    void assumeNext() {
        append(UNKNOWN_TOKEN);
        assumed = true;
    }

    /** Adds a sampled token; if it was assumed, it takes that place. */
    void takeSampled(int token) {
        if (assumed) {
            tokens[length - 1] = token;
            assumed = false;
        } else {
            append(token);
        }
    }

    /** Takes an assumption back, if there is one. */
    void dropAssumed() {
        if (assumed) {
            length--;
            assumed = false;
        }
    }

    /** Whether it has all tokens it may generate. */
    boolean isFull() {
        return length >= endLength;
    }

    /** Known tokens without keys and values. */
    int remaining() {
        return length - computed;
    }

    /** Whether tokens it had at its last admission are still to be computed. */
    boolean isPrefilling() {
        return computed < prefillEnd;
    }

    /**
     * Whether its next step is a decode: it knows one token more than is computed or scheduled, and sampled it itself.
     */
    boolean isDecoding() {
        return length - computed == 1 && computed >= prefillEnd;
    }
}
