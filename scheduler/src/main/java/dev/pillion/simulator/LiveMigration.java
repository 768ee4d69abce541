package dev.pillion.simulator;

/**
 * Rescheduling of running requests (Llumnix, OSDI 2024). Every so often the instances with the least <em>freeness</em>
 * give a request to those with the most. Freeness is the number of steps until memory is full: tokens that neither running
 * sequences hold nor the first of those that wait needs, for each running sequence. So the same number asks for load
 * balancing, for room where a long prompt waits for scattered blocks, and, being lowest where an instance drains, for
 * emptying it.
 *
 * @param periodNanos time between two looks
 * @param sourceBelow freeness, in tokens per sequence, below which an instance gives
 * @param targetAbove freeness above which an instance takes
 * @param latencyNanos time a copy takes beside its bytes
 * @param pauseTokens tokens left to copy at which the sequence is paused for them
 * @param mostStages copies after which it is paused whatever is left
 */
public record LiveMigration(
        long periodNanos, double sourceBelow, double targetAbove, long latencyNanos, int pauseTokens, int mostStages) {
    /** Checks the ranges. */
    public LiveMigration {
        if (periodNanos < 1 || !(sourceBelow <= targetAbove) || latencyNanos < 0 || pauseTokens < 1 || mostStages < 1) {
            throw new IllegalArgumentException("live migration every " + periodNanos + " ns, from below " + sourceBelow
                    + " to above " + targetAbove + " tokens, latency " + latencyNanos + " ns, pause for " + pauseTokens
                    + " tokens, at most " + mostStages + " stages");
        }
    }

    /** Every 100 ms, from below 50 to above 200 tokens, 50 us a copy, pause for the last 16 tokens, at most 8 copies. */
    public static LiveMigration defaults() {
        return new LiveMigration(100_000_000, 50, 200, 50_000, 16, 8);
    }
}
