package dev.pillion.benchmarks;

import java.util.Arrays;

/** Measured values and what is reported of them. */
public final class Samples {
    private double[] values = new double[1024];
    private int count;

    /** Adds a value. */
    public void add(double value) {
        if (count == values.length) {
            values = Arrays.copyOf(values, 2 * count);
        }
        values[count++] = value;
    }

    /** Number of values. */
    public int count() {
        return count;
    }

    /** The value that a share {@code p} of all values does not exceed. */
    public double quantile(double p) {
        double[] sorted = Arrays.copyOf(values, count);
        Arrays.sort(sorted);
        return count == 0 ? Double.NaN : sorted[Math.clamp((long) Math.ceil(p * count) - 1, 0, count - 1)];
    }

    /** The middle value. */
    public double median() {
        return quantile(0.5);
    }

    /** The same values, each divided by a number. */
    public Samples dividedBy(double divisor) {
        Samples divided = new Samples();
        for (int i = 0; i < count; i++) {
            divided.add(values[i] / divisor);
        }
        return divided;
    }

    /** The smallest value. */
    public double least() {
        return quantile(0);
    }

    /** The largest value. */
    public double most() {
        return quantile(1);
    }
}
