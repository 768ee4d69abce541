package dev.pillion.scheduler;

/** What came of {@link Scheduler#planAhead}. */
public sealed interface PlannedAhead {
    /**
     * There is a step to run behind the running one.
     *
     * @param plan in flight from here on, as the second of two
     */
    record Planned(BatchPlan plan) implements PlannedAhead {}

    /**
     * The next step has to wait for the end of the running one; nothing has changed.
     *
     * @param obstacle why
     */
    record Refused(AheadObstacle obstacle) implements PlannedAhead {}
}
