package dev.pillion.scheduler;

/**
 * The scheduler's settings.
 *
 * @param maxSequences most sequences that run at once
 * @param maxWaiting most sequences in the queue at submission; preempted ones come back whatever this says
 * @param watermarkBlocks blocks an admission must leave free for the growth of those running; not asked for when
 *     nothing runs
 * @param maxOvertakes how many later sequences may be admitted past one that does not fit; then nobody overtakes it. 0
 *     is strict order
 * @param skipWindow how many that do not fit are looked past in one step
 * @param holdSharers whether a sequence whose prefix a running one is just computing waits for it to get there, and
 *     then takes it from the prefix cache
 */
public record SchedulerConfig(
        int maxSequences,
        int maxWaiting,
        int watermarkBlocks,
        int maxOvertakes,
        int skipWindow,
        boolean holdSharers) {

    /** Checks the ranges. */
    public SchedulerConfig {
        if (maxSequences < 1 || maxWaiting < 1 || watermarkBlocks < 0 || maxOvertakes < 0 || skipWindow < 0) {
            throw new IllegalArgumentException("settings out of range: maxSequences " + maxSequences
                    + " and maxWaiting "
                    + maxWaiting + " at least 1; watermarkBlocks " + watermarkBlocks + ", maxOvertakes " + maxOvertakes
                    + ", skipWindow " + skipWindow + " at least 0");
        }
    }

    /**
     * Usual settings for a pool: a watermark of one block in a hundred, and 32 overtakes among the next 16.
     *
     * @param maxSequences most sequences that run at once
     * @param poolBlocks blocks of the device pool
     */
    public static SchedulerConfig forPool(int maxSequences, int poolBlocks) {
        return new SchedulerConfig(maxSequences, 1024, poolBlocks / 100, 32, 16, true);
    }

    /** The same with another bound on the queue. */
    public SchedulerConfig withMaxWaiting(int count) {
        return new SchedulerConfig(maxSequences, count, watermarkBlocks, maxOvertakes, skipWindow, holdSharers);
    }

    /** The same with another watermark. */
    public SchedulerConfig withWatermarkBlocks(int blocks) {
        return new SchedulerConfig(maxSequences, maxWaiting, blocks, maxOvertakes, skipWindow, holdSharers);
    }

    /** The same with other bounds on overtaking. */
    public SchedulerConfig withOvertaking(int overtakes, int window) {
        return new SchedulerConfig(maxSequences, maxWaiting, watermarkBlocks, overtakes, window, holdSharers);
    }

    /** The same, with sharers of an unfinished prefix held back or not. */
    public SchedulerConfig withHoldSharers(boolean hold) {
        return new SchedulerConfig(maxSequences, maxWaiting, watermarkBlocks, maxOvertakes, skipWindow, hold);
    }
}
