package dev.pillion.scheduler;

/**
 * Prefill first (vLLM of 2023): while prompts can be admitted, a step is whole prompts and nothing else; decodes run in
 * the steps between. Good time to first token, and a stall of every stream at each arrival. A baseline.
 */
public record PrefillFirstPlanner() implements BatchPlanner {
    @Override
    public String name() {
        return "prefill-first";
    }

    @Override
    public boolean decodesFirst() {
        return false;
    }

    @Override
    public void compose(PlanningStep step) {
        boolean prompts = step.wholePrefills() | step.admitWhole();
        if (!prompts) {
            step.decodes();
        }
    }
}
