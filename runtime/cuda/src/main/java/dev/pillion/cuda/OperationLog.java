package dev.pillion.cuda;

import java.util.Arrays;
import java.util.StringJoiner;

/**
 * The operations of a step as numbers. Two uses: a step that is to be replayed from a graph must ask for the very
 * operations the graph was made of, which the fold of them says; and a step that hangs is reported with them.
 */
final class OperationLog {
    /** What was asked for. */
    enum Kind {
        EMBED,
        NORM,
        ADD_NORM,
        ADD,
        LINEAR,
        HEAD_NORM,
        ROPE,
        ATTENTION,
        GATE,
        GATHER,
        SAMPLE
    }

    private long fold;
    private int count;
    private final int[] counts = new int[Kind.values().length];

    /** Forgets the last step. */
    void clear() {
        fold = 0;
        count = 0;
        Arrays.fill(counts, 0);
    }

    /** Notes an operation and the addresses it works on. */
    void add(Kind kind, long first, long second, long third) {
        count++;
        counts[kind.ordinal()]++;
        mix(kind.ordinal());
        mix(first);
        mix(second);
        mix(third);
    }

    private void mix(long value) {
        fold = (fold ^ value) * 0x9E3779B97F4A7C15L;
        fold ^= fold >>> 29;
    }

    /** A number that differs where the operations differ. */
    long fold() {
        return fold;
    }

    /** Operations noted. */
    int count() {
        return count;
    }

    /** How often each kind was asked for, for people. */
    @Override
    public String toString() {
        StringJoiner text = new StringJoiner(", ");
        for (Kind kind : Kind.values()) {
            if (counts[kind.ordinal()] > 0) {
                text.add(counts[kind.ordinal()] + " " + kind);
            }
        }
        return text.toString();
    }
}
