package dev.pillion.scheduler;

import dev.pillion.memory.KvCache;

/**
 * The order in which waiting sequences are offered a place.
 *
 * <p>A policy is a number per sequence, computed when it enters the queue; the smallest goes first, equal ones by
 * arrival. That keeps the queue a heap. A policy whose ranking moves with the cache asks for a {@link #window}: that
 * many from the front are ranked anew at each admission.
 */
public interface QueuePolicy {
    /** Short name for options and reports. */
    String name();

    /** Rank of a sequence that enters the queue. */
    long key(Sequence sequence);

    /** How many from the front {@link #windowKey} ranks anew; 0 for none. */
    default int window() {
        return 0;
    }

    /** Rank among those in the window. */
    default long windowKey(Sequence sequence, KvCache cache) {
        return key(sequence);
    }
}
