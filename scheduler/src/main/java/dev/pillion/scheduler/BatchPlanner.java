package dev.pillion.scheduler;

/**
 * Puts one step together. Planners differ in this one method: which of the step's verbs they use, and in which order.
 *
 * <p>A planner keeps no state of its own and sees no clock: the same scheduling state gives the same plan.
 */
public interface BatchPlanner {
    /** Short name for options and reports. */
    String name();

    /** Fills a step by its verbs. */
    void compose(PlanningStep step);

    /** Whether every running decode is in every step that has work for others too. */
    default boolean decodesFirst() {
        return true;
    }
}
