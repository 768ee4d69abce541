package dev.pillion.scheduler;

import java.util.ArrayList;
import java.util.List;

/**
 * Sequences between two schedulers: they hold blocks and a place and take part in no step, because their keys and values
 * are on their way out to another device, or on their way in from one. Few at a time.
 */
final class ParkedSequences {
    private final SchedulingState state;
    private final List<Sequence> parked = new ArrayList<>();

    ParkedSequences(SchedulingState state) {
        this.state = state;
    }

    void park(Sequence sequence) {
        sequence.state = SequenceState.PARKED;
        state.running.remove(sequence);
        parked.add(sequence);
    }

    boolean reserve(Sequence sequence, int tokens) {
        boolean fresh = sequence.state == SequenceState.NEW;
        if (!fresh && sequence.state != SequenceState.PARKED) {
            throw new IllegalStateException("sequence " + sequence.id() + " is " + sequence.state);
        }
        if (fresh && state.slots + sequence.slots() > state.config.maxSequences()) {
            return false;
        }
        long most = state.cache.blocksFor((long) sequence.promptLength() + sequence.maxTokens() - 1);
        long held = fresh ? 0 : sequence.table().count();
        long missing = state.cache.blocksFor(tokens) - held;
        int watermark = state.slots == 0 ? 0 : state.config.watermarkBlocks();
        if (most > state.cache.pool().blocks() || missing > state.cache.pool().freeBlocks() - (long) watermark) {
            return false;
        }
        if (fresh) {
            sequence.bind(state.cache);
            sequence.state = SequenceState.PARKED;
            state.slots += sequence.slots();
            parked.add(sequence);
        }
        return sequence.table().tryGrow(tokens);
    }

    void resume(Sequence sequence) {
        int computed = sequence.length - 1;
        if (sequence.state != SequenceState.PARKED || sequence.table().capacityTokens() < computed) {
            throw new IllegalStateException("sequence " + sequence.id() + " is " + sequence.state
                    + " or has too few blocks for the " + computed + " tokens that are to have keys and values");
        }
        parked.remove(sequence);
        sequence.computed = computed;
        sequence.writableEnd = computed;
        sequence.scheduledStep = -1;
        sequence.state = SequenceState.RUNNING;
        sequence.overtaken = 0;
        state.running.add(sequence);
    }

    /** Takes its blocks and its place away, since it ends. */
    void drop(Sequence sequence) {
        parked.remove(sequence);
    }

    int size() {
        return parked.size();
    }

    Sequence get(int i) {
        return parked.get(i);
    }
}
