package dev.pillion.scheduler;

/** What became of a submission. Only numbers: whoever talks to the caller makes the words. */
public sealed interface Admission {
    /**
     * The sequence is in the queue.
     *
     * @param sequence the sequence submitted
     */
    record Accepted(Sequence sequence) implements Admission {
    }

    /**
     * The queue is full; the same sequence may be accepted later. How much later follows from the tokens ahead and the
     * rate at which tokens are computed.
     *
     * @param waiting sequences in the queue
     * @param capacity sequences the queue takes
     * @param waitingTokens known tokens of the sequences in the queue
     * @param running running sequences
     */
    record QueueFull(int waiting, int capacity, long waitingTokens, int running) implements Admission {
    }

    /**
     * The sequence could not run even alone, so it is refused now rather than left to wait for ever.
     *
     * @param resource what there is too little of
     * @param needed how many it needs
     * @param available how many there are in all
     */
    record NeverFits(Resource resource, long needed, long available) implements Admission {
    }

    /** What a sequence can need too much of. */
    enum Resource {
        /** KV blocks for the prompt and all tokens it may generate. */
        BLOCKS,
        /** Sequences that run at once, for all samples of one prompt. */
        SEQUENCES
    }
}
