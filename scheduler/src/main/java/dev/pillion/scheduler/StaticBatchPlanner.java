package dev.pillion.scheduler;

/**
 * Request-level batching (FasterTransformer): a batch is admitted when nothing runs, its prompts are computed whole,
 * and it decodes until its last sequence has ended. A baseline.
 */
public record StaticBatchPlanner() implements BatchPlanner {
    @Override
    public String name() {
        return "static";
    }

    @Override
    public boolean decodesFirst() {
        return false;
    }

    @Override
    public void compose(PlanningStep step) {
        if (step.nothingRuns()) {
            step.admitWhole();
        } else if (!step.wholePrefills()) {
            step.decodes();
        }
    }
}
