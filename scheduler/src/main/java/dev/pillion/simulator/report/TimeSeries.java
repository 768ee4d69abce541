package dev.pillion.simulator.report;

import java.util.Arrays;

/**
 * Sums over time in at most {@code most} buckets of equal width. Nobody knows beforehand how long a run takes, so the
 * width starts small and doubles, two buckets becoming one, whenever time runs out of the last.
 */
final class TimeSeries {
    private static final long FIRST_WIDTH_NANOS = 1_000_000;

    private final double[] sums;
    private long widthNanos = FIRST_WIDTH_NANOS;

    TimeSeries(int most) {
        sums = new double[most + (most & 1)];
    }

    /** Adds to the bucket of a moment. */
    void add(long nanos, double value) {
        sums[bucketOf(nanos)] += value;
    }

    /** Adds the integral over time, in nanoseconds, of what had one value all the time. */
    void addSpan(long fromNanos, long toNanos, double value) {
        if (value == 0 || toNanos <= fromNanos) {
            return;
        }
        int last = bucketOf(toNanos - 1);
        int first = bucketOf(fromNanos);
        if (first == last) {
            sums[first] += value * (toNanos - fromNanos);
            return;
        }
        for (int i = first; i <= last; i++) {
            long begin = Math.max(fromNanos, i * widthNanos);
            long end = Math.min(toNanos, (i + 1) * widthNanos);
            sums[i] += value * (end - begin);
        }
    }

    private int bucketOf(long nanos) {
        while (nanos / widthNanos >= sums.length) {
            for (int i = 0; i < sums.length / 2; i++) {
                sums[i] = sums[2 * i] + sums[2 * i + 1];
            }
            Arrays.fill(sums, sums.length / 2, sums.length, 0);
            widthNanos *= 2;
        }
        return (int) (nanos / widthNanos);
    }

    /** Makes the buckets wide enough for a moment, so that series of one run have one width. */
    void reach(long nanos) {
        bucketOf(nanos);
    }

    long widthNanos() {
        return widthNanos;
    }

    double sum(int bucket) {
        return sums[bucket];
    }
}
