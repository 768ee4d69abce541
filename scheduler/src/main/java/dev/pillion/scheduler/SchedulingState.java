package dev.pillion.scheduler;

import dev.pillion.memory.KvCache;

/** What planning reads and changes: who runs, who waits, the blocks, and the bookkeeping that moves between them. */
final class SchedulingState {
    final SchedulerConfig config;
    final KvCache cache;
    final QueuePolicy policy;
    final RunningList running;
    final WaitingQueue waiting;
    final ParkedSequences parked = new ParkedSequences(this);
    final SchedulerCounters counters = new SchedulerCounters();
    /** Places taken of {@code config.maxSequences()}: running sequences and the forks they were promised. */
    int slots;

    SchedulingState(SchedulerConfig config, KvCache cache, QueuePolicy policy) {
        this.config = config;
        this.cache = cache;
        this.policy = policy;
        running = new RunningList(config.maxSequences());
        waiting = new WaitingQueue(policy, config.maxWaiting());
    }

    void start(Sequence sequence) {
        sequence.state = SequenceState.RUNNING;
        sequence.overtaken = 0;
        slots += sequence.slots();
        running.add(sequence);
    }

    /**
     * Takes a running sequence's blocks and puts it back into the queue, with its tokens, its arrival and its count of
     * generated tokens. It stays in the running list, marked, until the next sweep.
     */
    void sendBack(Sequence sequence) {
        sequence.lostTokens = sequence.computed;
        counters.lostTokens += sequence.computed;
        sequence.lengthAtPreemption = sequence.length;
        stopRunning(sequence);
        sequence.state = SequenceState.PREEMPTED;
        waiting.offer(sequence);
    }

    /** Ends a sequence in any state; a running one stays in the running list, marked, until the next sweep. */
    void finish(Sequence sequence, FinishReason reason) {
        if (sequence.state == SequenceState.RUNNING) {
            stopRunning(sequence);
        } else if (sequence.state == SequenceState.PARKED) {
            parked.drop(sequence);
            stopRunning(sequence);
        } else if (sequence.queueIndex >= 0) {
            waiting.remove(sequence);
        }
        sequence.dropAssumed();
        sequence.finish(reason);
        counters.finished[reason.ordinal()]++;
    }

    private void stopRunning(Sequence sequence) {
        sequence.table().release();
        sequence.computed = 0;
        sequence.writableEnd = 0;
        sequence.registeredBlocks = 0;
        slots -= sequence.slots();
    }

    /** Makes the full blocks of the first {@code committed} tokens findable; later ones may be computed already. */
    void register(Sequence sequence, int committed) {
        int full = cache.fullBlocks(committed);
        if (full > sequence.registeredBlocks) {
            cache.register(sequence.table(), sequence.chain(), sequence.tokens, sequence.registeredBlocks, full);
            sequence.registeredBlocks = full;
        }
    }
}
