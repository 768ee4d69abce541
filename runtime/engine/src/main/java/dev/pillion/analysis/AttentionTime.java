package dev.pillion.analysis;

import dev.pillion.scheduler.BatchShape;
import dev.pillion.scheduler.CostModel;
import dev.pillion.scheduler.Operation;
import dev.pillion.scheduler.OperationCost;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How long the attention of a step takes, all layers together: a sum over what it does. Keys and values that a cache
 * holds from one step to the next cost less than those that must come from memory, so bytes beyond {@code cacheBytes}
 * pay extra.
 *
 * @param perStep seconds of every step
 * @param perToken seconds per token computed
 * @param perFlop seconds per floating-point operation
 * @param perByte seconds per byte of keys and values
 * @param perUncachedByte extra seconds per byte beyond {@code cacheBytes}
 * @param cacheBytes bytes of keys and values that stay in a cache
 */
public record AttentionTime(
        double perStep, double perToken, double perFlop, double perByte, double perUncachedByte, double cacheBytes) {

    private static final double[] CACHES = {0.25e6, 0.5e6, 1e6, 2e6, 4e6, 8e6, 16e6, 32e6, 64e6, 128e6, 256e6};

    /** Checks that nothing is negative. */
    public AttentionTime {
        double[] all = {perStep, perToken, perFlop, perByte, perUncachedByte, cacheBytes};
        for (double value : all) {
            if (!(value >= 0) || Double.isInfinite(value)) {
                throw new IllegalArgumentException("attention times must be 0 or more, not " + value);
            }
        }
    }

    /** Seconds the attention of a batch takes. */
    double seconds(CostModel cost, BatchShape batch) {
        double[] features = features(cost, batch, cacheBytes);
        return perStep * features[0] + perToken * features[1] + perFlop * features[2] + perByte * features[3]
                + perUncachedByte * features[4];
    }

    /** The times that come nearest to measurements; the cache's size is the one with which the rest fits best. */
    static AttentionTime fit(CostModel cost, List<BatchShape> batches, double[] seconds) {
        @Nullable AttentionTime best = null;
        double least = Double.POSITIVE_INFINITY;
        for (double cache : CACHES) {
            List<double[]> features = new ArrayList<>();
            batches.forEach(batch -> features.add(features(cost, batch, cache)));
            double[] c = NonNegativeFit.solve(features, seconds);
            AttentionTime candidate = new AttentionTime(c[0], c[1], c[2], c[3], c[4], cache);
            double error = 0;
            for (int i = 0; i < seconds.length; i++) {
                error += Math.pow(candidate.seconds(cost, batches.get(i)) / seconds[i] - 1, 2);
            }
            if (best == null || error < least) {
                best = candidate;
                least = error;
            }
        }
        return Objects.requireNonNull(best);
    }

    private static double[] features(CostModel cost, BatchShape batch, double cacheBytes) {
        OperationCost attention = cost.estimate(batch).of(Operation.ATTENTION);
        return new double[] {
            batch.tokens() > 0 ? 1 : 0,
            batch.tokens(),
            attention.flops(),
            attention.kvReadBytes(),
            Math.max(0, attention.kvReadBytes() - cacheBytes)
        };
    }
}
