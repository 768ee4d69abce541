package dev.pillion.scheduler;

/**
 * By urgency: deadline less the time the rest of the work takes. The present time is the same for all and drops out, so
 * the rank of a waiting sequence does not change. Sequences without a deadline come last, by arrival.
 *
 * @param prefillNanosPerToken time one prompt token takes, roughly
 * @param decodeNanosPerToken time one generated token takes, roughly
 */
public record LeastSlack(long prefillNanosPerToken, long decodeNanosPerToken) implements QueuePolicy {
    /** Checks that the times are not negative. */
    public LeastSlack {
        if (prefillNanosPerToken < 0 || decodeNanosPerToken < 0) {
            throw new IllegalArgumentException(
                    "times per token: " + prefillNanosPerToken + " and " + decodeNanosPerToken + " ns");
        }
    }

    @Override
    public String name() {
        return "deadline";
    }

    @Override
    public long key(Sequence sequence) {
        if (sequence.deadlineNanos() == Sequence.NO_DEADLINE) {
            return Long.MAX_VALUE;
        }
        long work = sequence.length() * prefillNanosPerToken
                + (sequence.maxTokens() - sequence.generated()) * decodeNanosPerToken;
        long urgency = sequence.deadlineNanos() - work;
        return sequence.deadlineNanos() < 0 && urgency > 0 ? Long.MIN_VALUE : urgency;
    }
}
