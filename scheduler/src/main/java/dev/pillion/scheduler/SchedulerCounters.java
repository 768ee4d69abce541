package dev.pillion.scheduler;

/**
 * What the scheduler did so far, in plain counters that its one thread adds to. Read them on that thread, or take a
 * {@link #copy} there for others.
 */
public final class SchedulerCounters {
    long steps;
    long decodeTokens;
    long prefillTokens;
    long lostTokens;
    long recomputedTokens;
    long preemptions;
    long admitted;
    long resumed;
    long overtakes;
    long held;
    long prefixQueryTokens;
    long prefixHitTokens;
    long forks;
    long rollbacks;
    long plannedAhead;
    long withdrawals;
    long wastedTokens;
    final long[] obstacles = new long[AheadObstacle.values().length];
    long refusedQueueFull;
    long refusedNeverFits;
    final long[] finished = new long[FinishReason.values().length];

    SchedulerCounters() {
    }

    /** The counters of this moment. */
    public SchedulerCounters copy() {
        SchedulerCounters copy = new SchedulerCounters();
        copy.steps = steps;
        copy.decodeTokens = decodeTokens;
        copy.prefillTokens = prefillTokens;
        copy.lostTokens = lostTokens;
        copy.recomputedTokens = recomputedTokens;
        copy.preemptions = preemptions;
        copy.admitted = admitted;
        copy.resumed = resumed;
        copy.overtakes = overtakes;
        copy.held = held;
        copy.prefixQueryTokens = prefixQueryTokens;
        copy.prefixHitTokens = prefixHitTokens;
        copy.forks = forks;
        copy.rollbacks = rollbacks;
        copy.plannedAhead = plannedAhead;
        copy.withdrawals = withdrawals;
        copy.wastedTokens = wastedTokens;
        System.arraycopy(obstacles, 0, copy.obstacles, 0, obstacles.length);
        copy.refusedQueueFull = refusedQueueFull;
        copy.refusedNeverFits = refusedNeverFits;
        System.arraycopy(finished, 0, copy.finished, 0, finished.length);
        return copy;
    }

    /** Steps committed. */
    public long steps() {
        return steps;
    }

    /** Tokens of decode segments in committed steps. */
    public long decodeTokens() {
        return decodeTokens;
    }

    /** Tokens of prefill segments in committed steps. */
    public long prefillTokens() {
        return prefillTokens;
    }

    /** Tokens that had keys and values and lost them, to preemption or because a failed step was to copy blocks of theirs. */
    public long lostTokens() {
        return lostTokens;
    }

    /** Tokens that had keys and values, lost them to preemption and were admitted to be computed again. */
    public long recomputedTokens() {
        return recomputedTokens;
    }

    /** Times a sequence's blocks were taken for another. */
    public long preemptions() {
        return preemptions;
    }

    /** Sequences that left the queue for the first time. */
    public long admitted() {
        return admitted;
    }

    /** Sequences that left the queue again after losing their blocks. */
    public long resumed() {
        return resumed;
    }

    /** Times a sequence was admitted past one that did not fit, counted per pair. */
    public long overtakes() {
        return overtakes;
    }

    /** Times a sequence was held back because a running one was computing its prefix. */
    public long held() {
        return held;
    }

    /** Known tokens of all admissions: what the prefix cache was asked for. */
    public long prefixQueryTokens() {
        return prefixQueryTokens;
    }

    /** Tokens the prefix cache had. */
    public long prefixHitTokens() {
        return prefixHitTokens;
    }

    /** Sequences forked. */
    public long forks() {
        return forks;
    }

    /** Steps that failed and were taken back. */
    public long rollbacks() {
        return rollbacks;
    }

    /** Steps planned while the one before them ran. */
    public long plannedAhead() {
        return plannedAhead;
    }

    /** Steps that were taken back though they did not fail. */
    public long withdrawals() {
        return withdrawals;
    }

    /** Tokens of committed steps whose sequences had ended meanwhile; among the decode and prefill tokens. */
    public long wastedTokens() {
        return wastedTokens;
    }

    /** Times a step was not planned ahead for this reason. */
    public long obstacles(AheadObstacle obstacle) {
        return obstacles[obstacle.ordinal()];
    }

    /** Submissions refused because the queue was full. */
    public long refusedQueueFull() {
        return refusedQueueFull;
    }

    /** Submissions refused because they could never run. */
    public long refusedNeverFits() {
        return refusedNeverFits;
    }

    /** Sequences that ended for this reason. */
    public long finished(FinishReason reason) {
        return finished[reason.ordinal()];
    }
}
