package dev.pillion.sampling;

import java.util.Arrays;

/**
 * The tokens that can still be drawn, in ascending id order, with their logits and weights (unnormalised
 * probabilities; the most likely token weighs 1). Each filter removes entries and keeps the order, so that ties go to
 * the lower id and every sum is taken in one fixed order.
 *
 * <p>Filters see the distribution the earlier ones left: weights are compared with the weight still there, which is the
 * same as renormalising after each filter.
 */
final class Candidates {
    private final int[] tokens;
    private final float[] logits;
    private final double[] weights;
    private final int[] keys;
    private final RadixSelection selection = new RadixSelection();
    private int count;
    private float highest;
    private double temperature;

    Candidates(int vocabularySize) {
        tokens = new int[vocabularySize];
        logits = new float[vocabularySize];
        weights = new double[vocabularySize];
        keys = new int[vocabularySize];
    }

    /**
     * Starts over with every token whose logit is above -Infinity. Where logits are +Infinity, the limit is taken:
     * those tokens alone, equally likely.
     *
     * @param source {@code [vocabularySize]} logits from {@code offset}, none of them NaN
     */
    void load(float[] source, int offset, int vocabularySize) {
        highest = Float.NEGATIVE_INFINITY;
        for (int token = 0; token < vocabularySize; token++) {
            highest = Math.max(highest, source[offset + token]);
        }
        boolean certain = highest == Float.POSITIVE_INFINITY;
        count = 0;
        for (int token = 0; token < vocabularySize; token++) {
            float logit = source[offset + token];
            if (certain ? logit == highest : logit > Float.NEGATIVE_INFINITY) {
                tokens[count] = token;
                logits[count++] = certain ? 0 : logit;
            }
        }
        if (certain) {
            highest = 0;
        }
    }

    /**
     * Keeps the {@code k} highest logits, the lower id first among equals. Goes before {@link #weigh}: a temperature
     * does not change the order, and only the survivors then need an exponential.
     */
    void keepTopK(int k) {
        if (k >= count) {
            return;
        }
        Arrays.fill(weights, 0, count, 1.0);
        keyByLogit();
        keepSelected(k);
    }

    /** Computes the weights {@code exp((logit - highest) / temperature)}. */
    void weigh(double temperature) {
        this.temperature = temperature;
        for (int i = 0; i < count; i++) {
            weights[i] = NegativeExp.exp(scaledLogit(i));
        }
    }

    /** Keeps the fewest most likely tokens that have the fraction {@code p} of the weight. */
    void keepTopP(double p) {
        keyByLogit();
        keepSelected(p * totalWeight());
    }

    /** Keeps tokens at least {@code p} times as likely as the most likely one, which weighs 1. */
    void keepMinP(double p) {
        int kept = 0;
        for (int i = 0; i < count; i++) {
            if (weights[i] >= p) {
                move(i, kept++);
            }
        }
        count = kept;
    }

    /**
     * Keeps the fewest tokens that have the fraction {@code p} of the weight, closest to the expected surprisal first
     * (Meister et al. 2023, Locally Typical Sampling).
     */
    void keepTypical(double p) {
        double total = totalWeight();
        double expectedScaledLogit = 0;
        for (int i = 0; i < count; i++) {
            if (weights[i] > 0) {
                expectedScaledLogit += weights[i] / total * scaledLogit(i);
            }
        }
        // Surprisal is ln(total) - scaledLogit and entropy its mean, so that ln(total) cancels in their distance.
        for (int i = 0; i < count; i++) {
            float distance = (float) Math.abs(expectedScaledLogit - scaledLogit(i));
            keys[i] = ~RadixSelection.keyOf(distance);
        }
        keepSelected(p * total);
    }

    /**
     * Picks the token at the fraction {@code u} of the weight, in ascending id order.
     *
     * @param u in [0, 1)
     */
    int draw(double u) {
        double target = u * totalWeight();
        double sum = 0;
        int drawn = -1;
        for (int i = 0; i < count; i++) {
            if (weights[i] > 0) {
                drawn = i;
                sum += weights[i];
                if (sum > target) {
                    break;
                }
            }
        }
        return tokens[drawn];
    }

    /** Sum of the weights. */
    double totalWeight() {
        double total = 0;
        for (int i = 0; i < count; i++) {
            total += weights[i];
        }
        return total;
    }

    /** Number of tokens left. */
    int count() {
        return count;
    }

    /** The i-th token left, ascending. */
    int token(int i) {
        return tokens[i];
    }

    /** The weight of the i-th token left. */
    double weight(int i) {
        return weights[i];
    }

    private double scaledLogit(int i) {
        return ((double) logits[i] - highest) / temperature;
    }

    private void keyByLogit() {
        for (int i = 0; i < count; i++) {
            keys[i] = RadixSelection.keyOf(logits[i]);
        }
    }

    /** Cuts the order given by the keys where the weight reaches the target. */
    private void keepSelected(double targetWeight) {
        selection.select(keys, weights, count, targetWeight);
        int threshold = selection.thresholdKey();
        double reached = selection.weightAbove();
        int kept = 0;
        for (int i = 0; i < count; i++) {
            boolean above = Integer.compareUnsigned(keys[i], threshold) > 0;
            boolean tied = keys[i] == threshold && reached < targetWeight;
            if (tied) {
                reached += weights[i];
            }
            if (above || tied) {
                move(i, kept++);
            }
        }
        count = kept;
    }

    private void move(int from, int to) {
        tokens[to] = tokens[from];
        logits[to] = logits[from];
        weights[to] = weights[from];
    }
}
