package dev.pillion.simulator.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class LatencyHistogramTest {
    private static final double[] FRACTIONS = {0.001, 0.01, 0.1, 0.5, 0.9, 0.95, 0.99, 0.999, 1};

    /** Nearest rank. */
    private static long exact(long[] sorted, double fraction) {
        return sorted[(int) Math.max(1, Math.ceil(fraction * sorted.length - 1e-9)) - 1];
    }

    @Test
    void fewValuesAreExact() {
        SplittableRandom random = new SplittableRandom(1);
        long[] values = random.longs(4096, 0, 1L << 40).toArray();
        LatencyHistogram histogram = new LatencyHistogram();
        for (long value : values) {
            histogram.add(value);
        }
        Arrays.sort(values);
        for (double fraction : FRACTIONS) {
            assertThat(histogram.percentile(fraction)).isEqualTo(exact(values, fraction));
        }
    }

    @Test
    void manyValuesAreWithinHalfAPercentOverAllMagnitudes() {
        SplittableRandom random = new SplittableRandom(2);
        long[] values = new long[200_000];
        LatencyHistogram histogram = new LatencyHistogram();
        LatencyHistogram first = new LatencyHistogram();
        LatencyHistogram second = new LatencyHistogram();
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextLong() >>> 1 + random.nextInt(62);
            histogram.add(values[i]);
            (i < 3_000 ? first : second).add(values[i]);
        }
        second.addAll(first);
        Arrays.sort(values);
        for (int i = 0; i <= 1000; i++) {
            double fraction = i / 1000.0;
            double expected = exact(values, fraction);
            assertThat(histogram.percentile(fraction)).isCloseTo(expected, within(expected * 0.005));
            assertThat(second.percentile(fraction)).isEqualTo(histogram.percentile(fraction));
        }
        assertThat(histogram.max()).isEqualTo(values[values.length - 1]);
        double mean = Arrays.stream(values).asDoubleStream().sum() / values.length;
        assertThat(histogram.mean()).isCloseTo(mean, within(mean * 1e-9));
    }

    @Test
    void aRunOfEqualValuesCountsAsThatMany() {
        LatencyHistogram histogram = new LatencyHistogram();
        histogram.add(10, 10_000);
        histogram.add(1_000_000, 100);
        assertThat(histogram.count()).isEqualTo(10_100);
        assertThat(histogram.percentile(0.99)).isEqualTo(10);
        assertThat(histogram.percentile(0.9999)).isCloseTo(1_000_000, within(4_000.0));
    }

    @Test
    void summariesHaveAnAscendingDistribution() {
        LatencyHistogram histogram = new LatencyHistogram();
        assertThat(histogram.summary().count()).isZero();
        assertThat(histogram.summary().cdfSeconds()).isEmpty();
        for (int i = 1; i <= 1000; i++) {
            histogram.add(i * 1_000_000L);
        }
        LatencySummary summary = histogram.summary();
        assertThat(summary.p50Seconds()).isCloseTo(0.5, within(1e-12));
        assertThat(summary.p99Seconds()).isCloseTo(0.99, within(1e-12));
        assertThat(summary.maxSeconds()).isCloseTo(1, within(1e-12));
        assertThat(summary.cdfSeconds()).hasSize(LatencySummary.CDF_POINTS).isSorted();
        assertThat(summary.cdfFractions()[99]).isEqualTo(0.5);
        assertThat(summary.cdfSeconds()[99]).isCloseTo(0.5, within(1e-12));
    }
}
