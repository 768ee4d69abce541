package dev.pillion.sampling;

import java.util.Arrays;

/**
 * Finds where a descending order of weighted keys has to be cut so that the keys above the cut weigh a given amount,
 * without sorting: three passes over the keys, 11, 11 and 10 bits at a time from the highest. Each pass sums the
 * weights per digit within the bucket the previous pass chose, and walks the digits downwards until the target lies
 * inside one.
 *
 * <p>The time does not depend on where the cut falls, unlike quickselect's or a heap's (whose cost grows with the
 * number kept: top-p can keep most of a vocabulary). One algorithm serves top-k (every weight 1), top-p (weight =
 * probability, key = logit) and typical-p (key = closeness to the entropy). Keys are compared as unsigned ints.
 *
 * <p>The result: every key above {@link #thresholdKey()} is kept; of the entries equal to it, in order, as many as it
 * takes until {@link #weightAbove()} plus theirs reaches the target.
 */
final class RadixSelection {
    private static final int[] SHIFTS = {21, 10, 0};
    private static final int[] BITS = {11, 11, 10};

    private final double[] digitWeights = new double[1 << 11];
    private int thresholdKey;
    private double weightAbove;

    /**
     * Finds the cut.
     *
     * @param keys the order, as unsigned ints
     * @param weights weight of each entry, 0 or more, at least one above 0
     * @param count number of entries
     * @param target how much the kept entries have to weigh; above 0
     */
    void select(int[] keys, double[] weights, int count, double target) {
        int prefix = 0;
        int prefixMask = 0;
        weightAbove = 0;
        for (int pass = 0; pass < SHIFTS.length; pass++) {
            int shift = SHIFTS[pass];
            int digits = 1 << BITS[pass];
            sumPerDigit(keys, weights, count, prefix, prefixMask, shift, digits);
            prefix |= chooseDigit(digits, target) << shift;
            prefixMask |= (digits - 1) << shift;
        }
        thresholdKey = prefix;
    }

    private void sumPerDigit(
            int[] keys, double[] weights, int count, int prefix, int prefixMask, int shift, int digits) {
        Arrays.fill(digitWeights, 0, digits, 0);
        for (int i = 0; i < count; i++) {
            if ((keys[i] & prefixMask) == prefix) {
                digitWeights[(keys[i] >>> shift) & (digits - 1)] += weights[i];
            }
        }
    }

    /** The digit in which the target is reached; {@link #weightAbove} then holds what lies above it. */
    private int chooseDigit(int digits, double target) {
        double above = weightAbove;
        int lowest = digits - 1;
        for (int digit = digits - 1; digit >= 0; digit--) {
            if (digitWeights[digit] > 0) {
                weightAbove = above;
                lowest = digit;
                above += digitWeights[digit];
                if (above >= target) {
                    break;
                }
            }
        }
        // Where rounding, or a target beyond the total, leaves it unreached, the lowest digit in use is the cut.
        return lowest;
    }

    /** The key at the cut. */
    int thresholdKey() {
        return thresholdKey;
    }

    /** Sum of the weights whose key is above the cut. */
    double weightAbove() {
        return weightAbove;
    }

    /** An unsigned int that orders as the float does; both zeros give the same key. */
    static int keyOf(float value) {
        int bits = Float.floatToRawIntBits(value + 0.0f);
        return bits ^ ((bits >> 31) | Integer.MIN_VALUE);
    }
}
