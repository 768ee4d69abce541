package dev.pillion.simulator.report;

/**
 * A distribution of durations.
 *
 * @param count durations counted
 * @param meanSeconds their mean
 * @param p50Seconds half of them are not longer
 * @param p90Seconds 90 of 100 are not longer
 * @param p95Seconds 95 of 100 are not longer
 * @param p99Seconds 99 of 100 are not longer
 * @param maxSeconds the longest
 * @param cdfSeconds durations of the distribution's points, ascending, at most {@link #CDF_POINTS}
 * @param cdfFractions share of durations not longer, for each point
 */
public record LatencySummary(
        long count,
        double meanSeconds,
        double p50Seconds,
        double p90Seconds,
        double p95Seconds,
        double p99Seconds,
        double maxSeconds,
        double[] cdfSeconds,
        double[] cdfFractions) {
    /** Most points of a distribution. */
    public static final int CDF_POINTS = 200;
}
