package dev.pillion.cuda;

import dev.pillion.kernels.driver.GpuContext;
import dev.pillion.spi.StepBatch;

/** A step on the device: the event that marks its end, and what a report says of it. Two of these take turns. */
final class SubmittedStep {
    private final long end;
    private final OperationLog operations = new OperationLog();
    private int tokens;
    private int segments;
    private int groups;
    private int logits;
    private int highestPosition;
    private int bucket;

    SubmittedStep(GpuContext context) {
        end = context.createEvent();
    }

    /** Notes what the step is. */
    void begin(CudaStep step) {
        StepBatch batch = step.batch();
        tokens = batch.tokenCount();
        segments = batch.segmentCount();
        groups = batch.groupCount();
        logits = batch.logitCount();
        highestPosition = 0;
        for (int t = 0; t < tokens; t++) {
            highestPosition = Math.max(highestPosition, batch.positions[t]);
        }
        bucket = step.bucket();
    }

    /** What it was asked to compute; cleared when the next one in its turn begins. */
    OperationLog operations() {
        return operations;
    }

    /** Event that marks its end. */
    long end() {
        return end;
    }

    @Override
    public String toString() {
        return tokens + " tokens in " + segments + " segments and " + groups + " groups, " + logits
                + " rows of logits, highest position " + highestPosition + ", "
                + (bucket > 0 ? "graph of " + bucket + " decodes" : "no graph");
    }
}
