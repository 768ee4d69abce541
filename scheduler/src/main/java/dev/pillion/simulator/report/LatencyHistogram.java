package dev.pillion.simulator.report;

import java.util.Arrays;

/**
 * Counts durations in nanoseconds. The first few thousand are kept as they are and their percentiles are exact; beyond,
 * they fall into buckets of which each octave has 128, and a percentile is off by at most one part in 256.
 */
public final class LatencyHistogram {
    private static final int EXACT = 4096;
    private static final int SUB_BITS = 7;
    private static final int SUB_BUCKETS = 1 << SUB_BITS;

    private long[] exact = new long[64];
    private int exactCount;
    private boolean sorted = true;
    private long[] buckets = new long[0];
    private long count;
    private double sum;
    private long max;

    /** Adds a duration; negative ones count as 0. */
    public void add(long nanos) {
        add(nanos, 1);
    }

    /** Adds a duration {@code times} times. */
    public void add(long nanos, long times) {
        long value = Math.max(0, nanos);
        count += times;
        sum += (double) value * times;
        max = Math.max(max, value);
        if (buckets.length == 0) {
            if (exactCount + times <= EXACT) {
                keep(value, (int) times);
                return;
            }
            spill();
        }
        buckets[bucketOf(value)] += times;
    }

    private void keep(long value, int times) {
        if (exactCount + times > exact.length) {
            exact = Arrays.copyOf(exact, Math.max(exactCount + times, 2 * exact.length));
        }
        Arrays.fill(exact, exactCount, exactCount + times, value);
        exactCount += times;
        sorted = false;
    }

    private void spill() {
        buckets = new long[(64 - SUB_BITS + 1) * SUB_BUCKETS];
        for (int i = 0; i < exactCount; i++) {
            buckets[bucketOf(exact[i])]++;
        }
        exact = new long[0];
        exactCount = 0;
    }

    /** Adds everything another histogram counted. */
    public void addAll(LatencyHistogram other) {
        if (other.buckets.length == 0) {
            for (int i = 0; i < other.exactCount; i++) {
                add(other.exact[i], 1);
            }
            return;
        }
        if (buckets.length == 0) {
            spill();
        }
        for (int i = 0; i < buckets.length; i++) {
            buckets[i] += other.buckets[i];
        }
        count += other.count;
        sum += other.sum;
        max = Math.max(max, other.max);
    }

    /** Values below {@code 2 * SUB_BUCKETS} have a bucket each; above, each octave is cut into {@code SUB_BUCKETS}. */
    private static int bucketOf(long value) {
        int octave = Math.max(0, 63 - SUB_BITS - Long.numberOfLeadingZeros(value | 1));
        return octave * SUB_BUCKETS + (int) (value >>> octave);
    }

    /** Middle of a bucket. */
    private static double middleOf(int bucket) {
        int octave = Math.max(0, bucket / SUB_BUCKETS - 1);
        long low = (long) (bucket - octave * SUB_BUCKETS) << octave;
        return octave == 0 ? low : low + ((1L << octave) - 1) / 2.0;
    }

    /** Durations counted. */
    public long count() {
        return count;
    }

    /** Their mean in nanoseconds; 0 where there are none. */
    public double mean() {
        return count == 0 ? 0 : sum / count;
    }

    /** The longest, exactly; 0 where there are none. */
    public long max() {
        return max;
    }

    /**
     * The duration that a share {@code fraction} of all do not exceed (nearest rank), in nanoseconds; 0 where there are
     * none.
     */
    public double percentile(double fraction) {
        if (count == 0) {
            return 0;
        }
        long rank = Math.max(1, (long) Math.ceil(fraction * count - 1e-9));
        if (buckets.length == 0) {
            sort();
            return exact[(int) Math.min(rank, count) - 1];
        }
        long seen = 0;
        for (int bucket = 0; bucket < buckets.length; bucket++) {
            seen += buckets[bucket];
            if (seen >= rank) {
                return Math.min(max, middleOf(bucket));
            }
        }
        return max;
    }

    private void sort() {
        if (!sorted) {
            Arrays.sort(exact, 0, exactCount);
            sorted = true;
        }
    }

    /** Percentiles, mean and distribution of what was counted so far. */
    public LatencySummary summary() {
        int points = (int) Math.min(count, LatencySummary.CDF_POINTS);
        double[] seconds = new double[points];
        double[] fractions = new double[points];
        for (int i = 0; i < points; i++) {
            fractions[i] = (i + 1.0) / points;
            seconds[i] = percentile(fractions[i]) * 1e-9;
        }
        return new LatencySummary(
                count, mean() * 1e-9, percentile(0.5) * 1e-9, percentile(0.9) * 1e-9, percentile(0.95) * 1e-9,
                percentile(0.99) * 1e-9, max * 1e-9, seconds, fractions);
    }
}
