package dev.pillion.scheduler;

/**
 * Iteration-level batching without chunks (Orca, Yu et al., OSDI 2022): decodes and whole prompts share a step, so a
 * step lasts as long as the prompt in it. A baseline.
 */
public record OrcaPlanner() implements BatchPlanner {
    @Override
    public String name() {
        return "orca";
    }

    @Override
    public void compose(PlanningStep step) {
        step.decodes();
        step.wholePrefills();
        step.admitWhole();
    }
}
