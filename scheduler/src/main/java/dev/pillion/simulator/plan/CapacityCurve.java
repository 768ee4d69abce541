package dev.pillion.simulator.plan;

import dev.pillion.simulator.report.SimulationReport;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleFunction;

/**
 * The highest rate of requests that keeps some targets, and what was seen on the way: the rate is bracketed, then bisected,
 * as Sarathi-Serve finds it (OSDI 2024, section 5.1). Where no rate keeps them, or none breaks them, the search gives up, and
 * {@link #isBracketed} says so.
 *
 * @param requestsPerSecond highest rate of a trial that kept all targets; 0 if none did
 * @param points all trials in the order they were run
 */
public record CapacityCurve(double requestsPerSecond, List<Point> points) {
    /** Trials after which a search gives up to bracket the rate: a factor of 65,536. */
    private static final int MOST_DOUBLINGS = 17;
    private static final LatencyTarget STABLE = new LatencyTarget(LatencyMetric.SCHEDULING_DELAY, 0.5, 2);

    /**
     * One trial.
     *
     * @param requestsPerSecond the rate
     * @param seconds the percentile of each target, in their order
     * @param met whether all were kept
     */
    public record Point(double requestsPerSecond, double[] seconds, boolean met) {
    }

    /** Keeps the points from changing. */
    public CapacityCurve {
        points = List.copyOf(points);
    }

    /**
     * Whether a higher rate was seen to break the targets, and this one to keep them. Where not, the capacity is above all
     * rates tried, or below them: the search gives up after a factor of 65,536.
     */
    public boolean isBracketed() {
        return requestsPerSecond > 0 && points.stream().anyMatch(point -> !point.met());
    }

    /**
     * Searches. Where no target bounds a time that a growing queue lengthens, the median scheduling delay may not exceed two
     * seconds, as in Sarathi-Serve's measurements (OSDI 2024, section 5.1).
     *
     * @param atRate runs a trial at a rate in requests per second
     * @param targets at least one
     * @param startPerSecond rate to begin with
     * @param tolerance relative width of the last bracket, for instance 0.02
     */
    public static CapacityCurve search(
            DoubleFunction<SimulationReport> atRate, List<LatencyTarget> targets, double startPerSecond, double tolerance) {
        if (targets.isEmpty() || !(startPerSecond > 0) || !(tolerance > 0)) {
            throw new IllegalArgumentException("a search for " + targets.size() + " targets from " + startPerSecond
                    + " requests per second to within " + tolerance);
        }
        List<Point> points = new ArrayList<>();
        double good = 0;
        double bad = 0;
        double rate = startPerSecond;
        while ((good == 0 || bad == 0) && points.size() < MOST_DOUBLINGS) {
            if (trial(atRate, targets, rate, points)) {
                good = rate;
                rate *= 2;
            } else {
                bad = rate;
                rate /= 2;
            }
        }
        while (good > 0 && bad > 0 && bad / good > 1 + tolerance) {
            double middle = (good + bad) / 2;
            if (trial(atRate, targets, middle, points)) {
                good = middle;
            } else {
                bad = middle;
            }
        }
        return new CapacityCurve(good, points);
    }

    private static boolean trial(
            DoubleFunction<SimulationReport> atRate, List<LatencyTarget> targets, double rate, List<Point> points) {
        SimulationReport report = atRate.apply(rate);
        boolean met = isMet(targets, report);
        points.add(new Point(rate, targets.stream().mapToDouble(target -> target.measured(report)).toArray(), met));
        return met;
    }

    /** Whether a run kept all targets, and no queue grew without end. */
    static boolean isMet(List<LatencyTarget> targets, SimulationReport report) {
        boolean bounded = targets.stream()
                .anyMatch(target -> target.metric() != LatencyMetric.TBT && target.metric() != LatencyMetric.TPOT);
        return targets.stream().allMatch(target -> target.isMetBy(report)) && (bounded || STABLE.isMetBy(report));
    }
}
