package dev.pillion.metrics;

import java.util.Arrays;
import java.util.Objects;

/**
 * How often values of each size were recorded, in the buckets of {@link BucketLayout}, with their exact count, sum and
 * largest value. Immutable.
 */
public final class Histogram {
    /** Counts up to the last bucket that has any. */
    private final long[] counts;

    private final long count;
    private final long sum;
    private final long max;

    /**
     * A histogram of given counts.
     *
     * @param counts of each bucket; copied
     * @param sum of all values
     * @param max largest value, 0 if there is none
     */
    public Histogram(long[] counts, long sum, long max) {
        int used = Math.min(counts.length, BucketLayout.BUCKETS);
        while (used > 0 && counts[used - 1] == 0) {
            used--;
        }
        this.counts = Arrays.copyOf(counts, used);
        this.count = Arrays.stream(this.counts).sum();
        this.sum = sum;
        this.max = max;
    }

    /** Values recorded. */
    public long count() {
        return count;
    }

    /** Their sum. */
    public long sum() {
        return sum;
    }

    /** The largest; 0 if there is none. */
    public long max() {
        return max;
    }

    /** Their mean; 0 if there is none. */
    public double mean() {
        return count == 0 ? 0 : (double) sum / count;
    }

    /** Values recorded in a bucket. */
    public long countOf(int bucket) {
        Objects.checkIndex(bucket, BucketLayout.BUCKETS);
        return bucket < counts.length ? counts[bucket] : 0;
    }

    /**
     * The value that {@code percent} of 100 values do not exceed. It lies in the same bucket as the exact one and so is
     * off by less than 1/16 of it; values below 16 are exact.
     *
     * @param percent 0 to 100; 50 is the median
     * @return 0 if nothing was recorded
     */
    public long percentile(double percent) {
        if (!(percent >= 0 && percent <= 100)) {
            throw new IllegalArgumentException("percentile " + percent + "; give 0 to 100");
        }
        long rank = Math.clamp((long) Math.ceil(percent / 100 * count), 1, Math.max(1, count));
        for (int bucket = 0; bucket < counts.length; bucket++) {
            if (rank <= counts[bucket]) {
                return Math.min(max, valueIn(bucket, rank));
            }
            rank -= counts[bucket];
        }
        return 0;
    }

    /** The {@code rank}-th value of a bucket, taking them as spread evenly. */
    private long valueIn(int bucket, long rank) {
        long lower = BucketLayout.lowerBound(bucket);
        long last = BucketLayout.upperBound(bucket) - 1;
        return lower + Math.round((last - lower) * (rank - 0.5) / counts[bucket]);
    }

    /**
     * What was recorded after an earlier snapshot of the same histogram. The largest value is exact if it lies in the
     * highest bucket used since; otherwise it is that bucket's upper end.
     */
    public Histogram since(Histogram earlier) {
        long[] difference = new long[counts.length];
        long highest = 0;
        for (int bucket = 0; bucket < counts.length; bucket++) {
            difference[bucket] = counts[bucket] - earlier.countOf(bucket);
            if (difference[bucket] > 0) {
                highest = bucket == counts.length - 1 ? max : BucketLayout.upperBound(bucket) - 1;
            }
        }
        return new Histogram(difference, sum - earlier.sum, highest);
    }
}
