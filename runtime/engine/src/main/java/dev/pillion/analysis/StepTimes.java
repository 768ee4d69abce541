package dev.pillion.analysis;

import dev.pillion.scheduler.BatchShape;
import dev.pillion.scheduler.CostModel;
import dev.pillion.scheduler.Operation;
import dev.pillion.scheduler.OperationCost;
import java.util.EnumMap;
import java.util.Map;

/**
 * Predicts how long a step of one model takes on one device, operation by operation, from what was measured there. Where
 * the roofline says what a step must take at least, this says what it does take.
 *
 * <p>Every operation but attention depends on the number of tokens (of rows of logits) alone and has a {@link TimeCurve}.
 * Attention depends on contexts too: {@code c0 + c1 * tokens + c2 * FLOPs + c3 * KV bytes}.
 *
 * @param curves one for each operation but {@link Operation#ATTENTION}
 * @param attention seconds per step, per token, per FLOP and per KV byte of the attention of all layers
 * @param overlap what a whole step takes relative to the sum of its operations: caches and idle threads make them differ
 */
public record StepTimes(Map<Operation, TimeCurve> curves, double[] attention, double overlap) {
    /** Number of attention coefficients. */
    public static final int ATTENTION_TERMS = 4;

    /** Checks completeness and copies. */
    public StepTimes {
        Map<Operation, TimeCurve> copy = new EnumMap<>(Operation.class);
        copy.putAll(curves);
        curves = java.util.Collections.unmodifiableMap(copy);
        attention = attention.clone();
        for (Operation operation : Operation.values()) {
            if ((operation != Operation.ATTENTION) != curves.containsKey(operation)) {
                throw new IllegalArgumentException("step times need a curve for every operation but attention, not for "
                        + curves.keySet());
            }
        }
        if (attention.length != ATTENTION_TERMS || !(overlap > 0) || Double.isInfinite(overlap)) {
            throw new IllegalArgumentException("step times need " + ATTENTION_TERMS
                    + " attention coefficients and a positive overlap");
        }
    }

    /** Seconds a batch takes. */
    public double seconds(CostModel cost, BatchShape batch) {
        double sum = 0;
        for (Operation operation : Operation.values()) {
            sum += seconds(operation, cost, batch);
        }
        return sum * overlap;
    }

    /** Seconds one operation takes by itself, all layers together. */
    public double seconds(Operation operation, CostModel cost, BatchShape batch) {
        if (operation == Operation.ATTENTION) {
            double[] features = attentionFeatures(cost, batch);
            double sum = 0;
            for (int i = 0; i < ATTENTION_TERMS; i++) {
                sum += attention[i] * features[i];
            }
            return sum;
        }
        TimeCurve curve = curves.get(operation);
        return curve == null ? 0 : curve.at(operation == Operation.LOGITS ? batch.logitsRows() : batch.tokens());
    }

    /** What the attention coefficients are multiplied with. */
    static double[] attentionFeatures(CostModel cost, BatchShape batch) {
        OperationCost attended = cost.estimate(batch).of(Operation.ATTENTION);
        return new double[] {
            batch.tokens() > 0 ? 1 : 0, batch.tokens(), attended.flops(), attended.kvReadBytes()
        };
    }

    @Override
    public double[] attention() {
        return attention.clone();
    }
}
