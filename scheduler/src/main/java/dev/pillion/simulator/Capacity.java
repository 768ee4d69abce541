package dev.pillion.simulator;

import dev.pillion.simulator.report.SimulationReport;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleFunction;

/**
 * The highest rate of requests that a cluster serves within limits, found as Sarathi-Serve does (OSDI 2024, section 5.1):
 * bracket the rate, then bisect it, where a trial counts as good if both its P99 time between tokens and its median
 * scheduling delay stay within their limits. The delay shows a queue that grows without end, which the first limit alone
 * would not.
 *
 * @param requestsPerSecond highest rate of a trial within the limits; 0 if none was
 * @param trials all trials in the order they were run
 */
public record Capacity(double requestsPerSecond, List<Trial> trials) {
    /** Trials after which a search gives up to bracket the rate. */
    private static final int MOST_DOUBLINGS = 24;

    /**
     * What a trial may not exceed.
     *
     * @param p99BetweenTokensNanos 99th percentile of the time between tokens
     * @param medianSchedulingDelayNanos median of the time from arrival to the first step
     * @param p99FirstTokenNanos 99th percentile of the time to the first token; {@link ServiceLevel#UNLIMITED} for none
     */
    public record Limits(long p99BetweenTokensNanos, long medianSchedulingDelayNanos, long p99FirstTokenNanos) {
        /** Sarathi-Serve's: a limit on the time between tokens, and two seconds for the median scheduling delay. */
        public static Limits ofBetweenTokens(long p99BetweenTokensNanos) {
            return new Limits(p99BetweenTokensNanos, 2_000_000_000L, ServiceLevel.UNLIMITED);
        }

        /** Whether a run stayed within the limits. */
        public boolean areMetBy(SimulationReport report) {
            var latencies = report.latencies();
            return report.requests().unfinished() == 0
                    && report.requests().refused() == 0
                    && latencies.timeBetweenTokens().p99Seconds() * 1e9 <= p99BetweenTokensNanos
                    && latencies.schedulingDelay().p50Seconds() * 1e9 <= medianSchedulingDelayNanos
                    && latencies.timeToFirstToken().p99Seconds() * 1e9 <= p99FirstTokenNanos;
        }
    }

    /**
     * One trial.
     *
     * @param requestsPerSecond the rate
     * @param p99BetweenTokensSeconds 99th percentile of the time between tokens
     * @param medianSchedulingDelaySeconds median of the time from arrival to the first step
     * @param p99FirstTokenSeconds 99th percentile of the time to the first token
     * @param isWithinLimits whether it stayed within the limits
     */
    public record Trial(
            double requestsPerSecond,
            double p99BetweenTokensSeconds,
            double medianSchedulingDelaySeconds,
            double p99FirstTokenSeconds,
            boolean isWithinLimits) {
    }

    /**
     * Searches for the capacity.
     *
     * @param atRate runs a trial at a rate in requests per second
     * @param limits what it may not exceed
     * @param startPerSecond rate to begin with
     * @param tolerance relative width of the last bracket, for instance 0.02
     */
    public static Capacity search(
            DoubleFunction<SimulationReport> atRate, Limits limits, double startPerSecond, double tolerance) {
        if (!(startPerSecond > 0) || !(tolerance > 0)) {
            throw new IllegalArgumentException(
                    "a search from " + startPerSecond + " requests per second to within " + tolerance);
        }
        List<Trial> trials = new ArrayList<>();
        double good = 0;
        double bad = 0;
        double rate = startPerSecond;
        while ((good == 0 || bad == 0) && trials.size() < MOST_DOUBLINGS) {
            if (run(atRate, limits, rate, trials)) {
                good = rate;
                rate *= 2;
            } else {
                bad = rate;
                rate /= 2;
            }
        }
        while (good > 0 && bad > 0 && bad / good > 1 + tolerance) {
            double middle = (good + bad) / 2;
            if (run(atRate, limits, middle, trials)) {
                good = middle;
            } else {
                bad = middle;
            }
        }
        return new Capacity(good, List.copyOf(trials));
    }

    private static boolean run(
            DoubleFunction<SimulationReport> atRate, Limits limits, double rate, List<Trial> trials) {
        SimulationReport report = atRate.apply(rate);
        boolean isGood = limits.areMetBy(report);
        var latencies = report.latencies();
        trials.add(new Trial(
                rate, latencies.timeBetweenTokens().p99Seconds(), latencies.schedulingDelay().p50Seconds(),
                latencies.timeToFirstToken().p99Seconds(), isGood));
        return isGood;
    }
}
