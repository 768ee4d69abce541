package dev.pillion.analysis;

import dev.pillion.scheduler.BatchShape;
import dev.pillion.scheduler.CostModel;
import dev.pillion.scheduler.Operation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Predicts how long a step of one model takes on one device, operation by operation, from what was measured there.
 * Where the roofline says what a step must take at least, this says what it does take.
 *
 * @param curves times of all operations but {@link Operation#ATTENTION}, which depend on the number of tokens alone (of
 *     {@link Operation#LOGITS}, on the rows of logits)
 * @param attention times of the attention, which depend on contexts too
 * @param stepSeconds what a step takes beside its operations
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

    /** Seconds one operation takes in a step, all layers together. */
    public double seconds(Operation operation, CostModel cost, BatchShape batch) {
        TimeCurve curve = curves.get(operation);
        if (curve == null) {
            return attention.seconds(cost, batch);
        }
        return curve.at(operation == Operation.LOGITS ? batch.logitsRows() : batch.tokens());
    }

    /**
     * The same with the times of the operations scaled, by one factor for those of every token, one for the logits and one
     * for the attention, and with the time beside them so that their sums come near the times of whole steps. Factors of
     * operations that count little in these steps stay near 1.
     */
    StepTimes fittedTo(CostModel cost, List<BatchShape> steps, double[] seconds) {
        List<double[]> features = new ArrayList<>();
        for (BatchShape step : steps) {
            double logits = seconds(Operation.LOGITS, cost, step);
            double attended = attention.seconds(cost, step);
            features.add(new double[] {1, seconds(cost, step) - stepSeconds - logits - attended, logits, attended});
        }
        // Each factor by itself observed once to be 1.
        for (int i = 1; i < 4; i++) {
            double[] factor = new double[4];
            factor[i] = 1;
            features.add(factor);
        }
        double[] values = Arrays.copyOf(seconds, seconds.length + 3);
        Arrays.fill(values, seconds.length, values.length, 1);
        double[] fit = NonNegativeFit.solveRobustly(features, values);
        Map<Operation, TimeCurve> scaled = new EnumMap<>(Operation.class);
        curves.forEach((operation, curve) ->
                scaled.put(operation, curve.scaled(operation == Operation.LOGITS ? fit[2] : fit[1])));
        return new StepTimes(scaled, attention.scaled(fit[3]), fit[0]);
    }
}
