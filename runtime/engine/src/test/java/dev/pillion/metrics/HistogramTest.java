package dev.pillion.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class HistogramTest {
    private static final long SEED = Long.getLong("pillion.test.seed", 20260721L);

    @Test
    void bucketsFollowOneAnotherAndAreNarrow() {
        assertThat(BucketLayout.lowerBound(0)).isZero();
        for (int bucket = 0; bucket < BucketLayout.BUCKETS; bucket++) {
            long lower = BucketLayout.lowerBound(bucket);
            long upper = BucketLayout.upperBound(bucket);
            assertThat(upper).as("bucket %d", bucket).isGreaterThan(lower);
            assertThat(upper - lower).as("width of bucket %d", bucket).isLessThanOrEqualTo(Math.max(1, lower / 16));
            assertThat(BucketLayout.bucketOf(lower)).isEqualTo(bucket);
            assertThat(BucketLayout.bucketOf(upper - 1)).isEqualTo(bucket);
        }
    }

    @Test
    void valuesOutOfRangeCountAtTheEnds() {
        assertThat(BucketLayout.bucketOf(-1)).isZero();
        assertThat(BucketLayout.bucketOf(Long.MIN_VALUE)).isZero();
        assertThat(BucketLayout.upperBound(BucketLayout.BUCKETS - 1)).isEqualTo(1L << 45);
        assertThat(BucketLayout.bucketOf(1L << 45)).isEqualTo(BucketLayout.BUCKETS - 1);
        assertThat(BucketLayout.bucketOf(Long.MAX_VALUE)).isEqualTo(BucketLayout.BUCKETS - 1);
    }

    @Test
    void percentilesAreWithinASixteenthOfTheExactOnes() {
        SplittableRandom random = new SplittableRandom(SEED);
        for (int round = 0; round < 200; round++) {
            long[] values = values(random);
            Histogram histogram = histogram(values);
            Arrays.sort(values);
            for (double percent : new double[] {0, 1, 25, 50, 90, 99, 99.9, 100}) {
                long exact = values[Math.max(0, (int) Math.ceil(percent / 100 * values.length) - 1)];
                assertThat(Math.abs(histogram.percentile(percent) - exact))
                        .as("P%s of round %d, exact %d (seed %d)", percent, round, exact, SEED)
                        .isLessThanOrEqualTo(exact / 16);
            }
            assertThat(histogram.percentile(100)).isLessThanOrEqualTo(histogram.max());
        }
    }

    @Test
    void countSumMeanAndMaximumAreExact() {
        Histogram histogram = histogram(3, 1_000_003, 17, 0);
        assertThat(histogram.count()).isEqualTo(4);
        assertThat(histogram.sum()).isEqualTo(1_000_023);
        assertThat(histogram.mean()).isEqualTo(250_005.75);
        assertThat(histogram.max()).isEqualTo(1_000_003);
        assertThat(histogram.countOf(BucketLayout.bucketOf(17))).isEqualTo(1);
        assertThat(histogram.countOf(BucketLayout.BUCKETS - 1)).isZero();
    }

    @Test
    void anEmptyHistogramHasZeros() {
        Histogram histogram = histogram();
        assertThat(histogram.count()).isZero();
        assertThat(histogram.percentile(99)).isZero();
        assertThat(histogram.mean()).isZero();
    }

    @Test
    void aPercentileBeyondHundredIsRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> histogram(1).percentile(100.1)).withMessageContaining("100.1");
        assertThatIllegalArgumentException().isThrownBy(() -> histogram(1).percentile(Double.NaN));
    }

    @Test
    void theDifferenceOfTwoHoldsWhatCameBetween() {
        long[] early = {5, 900, 70_000};
        long[] late = {5, 5, 300};
        Histogram all = histogram(5, 900, 70_000, 5, 5, 300);
        Histogram between = all.since(histogram(early));
        assertThat(between.count()).isEqualTo(3);
        assertThat(between.sum()).isEqualTo(310);
        assertThat(between.percentile(50)).isEqualTo(5);
        assertThat(between.max()).isBetween(300L, 300L + 300 / 16);
        assertThat(all.since(histogram(late)).max()).isEqualTo(70_000);
    }

    /** Sizes of all magnitudes, as latencies have. */
    private static long[] values(SplittableRandom random) {
        long[] values = new long[1 + random.nextInt(500)];
        int bits = 1 + random.nextInt(44);
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextLong(1L << 1 + random.nextInt(bits));
        }
        return values;
    }

    private static Histogram histogram(long... values) {
        long[] counts = new long[BucketLayout.BUCKETS];
        for (long value : values) {
            counts[BucketLayout.bucketOf(value)]++;
        }
        return new Histogram(counts, Arrays.stream(values).sum(), Arrays.stream(values).max().orElse(0));
    }
}
