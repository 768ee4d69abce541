package dev.pillion.engine;

import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * The requests that callers wait for. Those submitted and not yet scheduled are counted, from any thread; those taken
 * from the inbox are known by name, to the engine thread only. Kept beside the scheduler, which may be what failed.
 */
final class OpenRequests {
    private final AtomicInteger waiting = new AtomicInteger();
    private final Set<ActiveRequest> taken = new LinkedHashSet<>();

    /** Requests submitted and not yet scheduled for the first time. Any thread. */
    int waiting() {
        return waiting.get();
    }

    /** Counts one more as waiting, unless {@code capacity} do already. Any thread. */
    boolean tryQueue(int capacity) {
        if (waiting.incrementAndGet() > capacity) {
            waiting.decrementAndGet();
            return false;
        }
        return true;
    }

    /** Counts one more as waiting. Any thread. */
    void queue() {
        waiting.incrementAndGet();
    }

    /** Counts one less as waiting: it was scheduled, or ended before. Any thread. */
    void leaveQueue() {
        waiting.decrementAndGet();
    }

    /** Requests taken from the inbox. */
    int size() {
        return taken.size();
    }

    /** A request was taken from the inbox. */
    void add(ActiveRequest request) {
        taken.add(request);
    }

    /** A request ended of itself. */
    void remove(ActiveRequest request) {
        taken.remove(request);
    }

    /** A request is about to be ended from outside, waiting or not. */
    void abandon(ActiveRequest request) {
        taken.remove(request);
        leaveQueueUnlessScheduled(request);
    }

    /** Forgets all, handing over those that have not ended. */
    void abandonAll(Consumer<ActiveRequest> ending) {
        for (ActiveRequest request : taken) {
            if (!request.isEnded()) {
                leaveQueueUnlessScheduled(request);
                ending.accept(request);
            }
        }
        taken.clear();
    }

    private void leaveQueueUnlessScheduled(ActiveRequest request) {
        if (!request.wasScheduled()) {
            leaveQueue();
        }
    }
}
