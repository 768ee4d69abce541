package dev.pillion.scheduler;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The running sequences, oldest arrival first. A sequence that stops running is marked by its state and swept out
 * later.
 */
final class RunningList {
    private @Nullable Sequence[] sequences;
    private int size;

    RunningList(int capacity) {
        sequences = new Sequence[Math.clamp(capacity, 1, 1 << 16)];
    }

    /** Adds at the place of the sequence's arrival: nearly always the end. */
    void add(Sequence sequence) {
        if (size == sequences.length) {
            sequences = Arrays.copyOf(sequences, 2 * size);
        }
        int at = size++;
        for (; at > 0 && sequence.isOlderThan(get(at - 1)); at--) {
            sequences[at] = sequences[at - 1];
        }
        sequences[at] = sequence;
    }

    /** Drops all whose state is no longer {@link SequenceState#RUNNING}. */
    void sweep() {
        int kept = 0;
        for (int i = 0; i < size; i++) {
            Sequence sequence = get(i);
            if (sequence.state == SequenceState.RUNNING) {
                sequences[kept++] = sequence;
            }
        }
        Arrays.fill(sequences, kept, size, null);
        size = kept;
    }

    /** Drops one. */
    void remove(Sequence sequence) {
        int at = 0;
        for (int beyond = size; at < beyond; ) {
            int middle = (at + beyond) >>> 1;
            if (get(middle).isOlderThan(sequence)) {
                at = middle + 1;
            } else {
                beyond = middle;
            }
        }
        while (get(at) != sequence) {
            at++;
        }
        System.arraycopy(sequences, at + 1, sequences, at, --size - at);
        sequences[size] = null;
    }

    Sequence get(int i) {
        Sequence sequence = sequences[i];
        if (sequence == null) {
            throw new IndexOutOfBoundsException("running sequence " + i + " of " + size);
        }
        return sequence;
    }

    int size() {
        return size;
    }
}
