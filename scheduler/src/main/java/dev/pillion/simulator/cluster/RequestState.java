package dev.pillion.simulator.cluster;

import dev.pillion.scheduler.Sequence;
import dev.pillion.simulator.workload.Request;
import org.jspecify.annotations.Nullable;

/** How far a request is. Owner of all sequences it ever has, of which one at a time counts. */
final class RequestState {
    final Request request;
    /** The sequence that counts, and where it is. */
    Sequence sequence;

    @Nullable VirtualEngine engine;
    int tokens;
    long firstTokenNanos;
    long lastTokenNanos;
    /** Times between tokens that were longer than promised. */
    int lateGaps;
    /** When the next token is due in an answer that keeps the promise token for token. */
    long dueNanos;
    /** Whether a move to another instance is under way. */
    boolean moving;

    RequestState(Request request, int[] prompt, long dueNanos) {
        this.request = request;
        this.dueNanos = dueNanos;
        sequence = Sequence.builder(request.id(), prompt)
                .maxTokens(request.outputTokens())
                .arrivalNanos(request.arrivalNanos())
                .priority(request.priority())
                .deadlineNanos(request.deadlineNanos())
                .salt(request.salt())
                .owner(this)
                .build();
    }

    static RequestState of(Sequence sequence) {
        return (RequestState) sequence.owner();
    }
}
