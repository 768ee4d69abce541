package dev.pillion.scheduler;

/**
 * SARATHI (Agrawal et al., OSDI 2024): all decodes, then chunks of the prompts already begun, then chunks of new ones,
 * under one token budget. Decodes ride along on the chunk's pass over the weights, and no prompt is so long that it
 * stalls them.
 */
public record SarathiPlanner() implements BatchPlanner {
    @Override
    public String name() {
        return "sarathi";
    }

    @Override
    public void compose(PlanningStep step) {
        step.decodes();
        step.prefillChunks();
        step.admitChunks();
    }
}
