package dev.pillion.simulator.workload;

import dev.pillion.scheduler.Sequence;

/**
 * One request of a workload.
 *
 * @param id number in the workload, from 0 on
 * @param arrivalNanos when it comes, on the virtual clock
 * @param promptTokens tokens of the prompt, at least 1
 * @param outputTokens tokens it generates, at least 1
 * @param priority larger is more important
 * @param deadlineNanos when it should be done, on the virtual clock; {@link Sequence#NO_DEADLINE} for never
 * @param salt requests of different salts share no prefix
 * @param content what is known of its tokens
 */
public record Request(
        long id,
        long arrivalNanos,
        int promptTokens,
        int outputTokens,
        int priority,
        long deadlineNanos,
        long salt,
        PromptContent content) {

    /** Checks the ranges. */
    public Request {
        if (promptTokens < 1 || outputTokens < 1 || arrivalNanos < 0) {
            throw new IllegalArgumentException("request " + id + " with " + promptTokens + " prompt tokens, "
                    + outputTokens + " output tokens, arrival at " + arrivalNanos
                    + " ns: at least 1, 1 and 0 are needed");
        }
        if (content instanceof PromptContent.Tokens tokens && tokens.prompt().length < promptTokens) {
            throw new IllegalArgumentException("request " + id + " has " + promptTokens + " prompt tokens and says "
                    + tokens.prompt().length);
        }
    }

    /** A request of which only arrival and lengths are known. */
    public Request(long id, long arrivalNanos, int promptTokens, int outputTokens) {
        this(id, arrivalNanos, promptTokens, outputTokens, 0, Sequence.NO_DEADLINE, 0, PromptContent.UNSHARED);
    }

    /** The same request as number {@code newId}, moved so that it comes at {@code newArrival}; its deadline moves along. */
    public Request at(long newId, long newArrival) {
        long deadline = deadlineNanos == Sequence.NO_DEADLINE ? deadlineNanos : deadlineNanos + newArrival - arrivalNanos;
        return new Request(newId, newArrival, promptTokens, outputTokens, priority, deadline, salt, content);
    }

    /** The same request under another salt. */
    public Request salted(long newSalt) {
        return new Request(id, arrivalNanos, promptTokens, outputTokens, priority, deadlineNanos, newSalt, content);
    }
}
