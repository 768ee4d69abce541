package dev.pillion.scheduler;

/**
 * By remaining prompt work, aged: a sequence of {@code n} known tokens ranks as if it had come
 * {@code n * nanosPerToken} later. A long prompt is therefore overtaken by short ones that come soon after it and by
 * none that come late, so nothing starves; the larger the number, the closer to plain shortest-job-first.
 *
 * @param nanosPerToken how long a short prompt may come later, per token it is shorter, and still go first
 */
public record ShortestFirst(long nanosPerToken) implements QueuePolicy {
    /** Checks the number. */
    public ShortestFirst {
        if (nanosPerToken < 0) {
            throw new IllegalArgumentException("aging of " + nanosPerToken + " ns per token");
        }
    }

    @Override
    public String name() {
        return "shortest";
    }

    @Override
    public long key(Sequence sequence) {
        long key = sequence.arrivalNanos() + sequence.length() * nanosPerToken;
        return sequence.arrivalNanos() > 0 && key < 0 ? Long.MAX_VALUE : key;
    }
}
