package dev.pillion.analysis;

import dev.pillion.scheduler.BatchShape;
import dev.pillion.scheduler.CostModel;
import dev.pillion.scheduler.Operation;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;

/**
 * Predicts how long a step of one model takes on one device, operation by operation, from what was measured there.
 * Where the roofline says what a step must take at least, this says what it does take.
 *
 * @param curves times of all operations but {@link Operation#ATTENTION}, which depend on the number of tokens alone (of
 *     {@link Operation#LOGITS}, on the rows of logits)
 * @param attention times of the attention, which depend on contexts too
 * @param stepSeconds what a step takes beside its operations: its start, and weights that leave the caches while other
 *     operations run and must be read again
 */
public record StepTimes(Map<Operation, TimeCurve> curves, AttentionTime attention, double stepSeconds) {
    /** Checks completeness and copies. */
    public StepTimes {
        Map<Operation, TimeCurve> copy = new EnumMap<>(Operation.class);
        copy.putAll(curves);
        curves = Collections.unmodifiableMap(copy);
        for (Operation operation : Operation.values()) {
            if ((operation != Operation.ATTENTION) != curves.containsKey(operation)) {
                throw new IllegalArgumentException("step times need a curve for every operation but attention, not for "
                        + curves.keySet());
            }
        }
        if (!(stepSeconds >= 0) || Double.isInfinite(stepSeconds)) {
            throw new IllegalArgumentException("a step cannot take " + stepSeconds + " s beside its operations");
        }
    }

    /** Seconds a batch takes. */
    public double seconds(CostModel cost, BatchShape batch) {
        double sum = batch.tokens() > 0 ? stepSeconds : 0;
        for (Operation operation : Operation.values()) {
            sum += seconds(operation, cost, batch);
        }
        return sum;
    }

    /** Seconds one operation takes by itself, all layers together. */
    public double seconds(Operation operation, CostModel cost, BatchShape batch) {
        TimeCurve curve = curves.get(operation);
        if (curve == null) {
            return attention.seconds(cost, batch);
        }
        return curve.at(operation == Operation.LOGITS ? batch.logitsRows() : batch.tokens());
    }
}
