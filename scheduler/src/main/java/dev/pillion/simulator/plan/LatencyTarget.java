package dev.pillion.simulator.plan;

import dev.pillion.simulator.report.LatencySummary;
import dev.pillion.simulator.report.SimulationReport;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A bound on a percentile of a latency.
 *
 * @param metric which latency
 * @param percentile share of all that must keep within the limit, above 0 and at most 1
 * @param seconds the limit
 */
public record LatencyTarget(LatencyMetric metric, double percentile, double seconds) {
    /** The percentile where none is said. */
    public static final double DEFAULT_PERCENTILE = 0.99;

    private static final Pattern FORM = Pattern.compile(
            "(?:(p[0-9]{1,2}(?:\\.[0-9]{1,3})?|p100|median|max)\\s+)?([a-z0-9_-]+)\\s*(?:=|<=?)\\s*([0-9.]{1,12})(us|ms|s|m)");

    /** Checks the ranges. */
    public LatencyTarget {
        if (!(percentile > 0 && percentile <= 1) || !(seconds > 0) || seconds == Double.POSITIVE_INFINITY) {
            throw new IllegalArgumentException(
                    "a target of " + seconds + " s at percentile " + percentile + ": above 0, and at most 1");
        }
    }

    /**
     * Reads targets apart from each other by commas: {@code ttft=1s,tbt=100ms}, or with percentiles
     * {@code p50 ttft=300ms, p99 tbt=0.1s}; P99 where none is said.
     *
     * @throws IllegalArgumentException if one cannot be understood; it says what can
     */
    public static List<LatencyTarget> parse(String text) {
        List<LatencyTarget> targets = new ArrayList<>();
        for (String part : text.toLowerCase(Locale.ROOT).split(",", -1)) {
            targets.add(parseOne(part.strip()));
        }
        return List.copyOf(targets);
    }

    private static LatencyTarget parseOne(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("\"" + text + "\" is no target; give ttft=1s,tbt=100ms or with a percentile "
                    + "p50 ttft=300ms (P99 where none is said)");
        }
        LatencyMetric metric = LatencyMetric.named(matcher.group(2)).orElseThrow(() -> new IllegalArgumentException(
                "no latency \"" + matcher.group(2) + "\"; known are " + String.join(", ", LatencyMetric.names())));
        try {
            double unit = switch (matcher.group(4)) {
                case "us" -> 1e-6;
                case "ms" -> 1e-3;
                case "m" -> 60;
                default -> 1;
            };
            return new LatencyTarget(metric, share(matcher.group(1)), Double.parseDouble(matcher.group(3)) * unit);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("\"" + matcher.group(3) + "\" is no number of seconds", e);
        }
    }

    private static double share(@Nullable String percentile) {
        return switch (percentile) {
            case null -> DEFAULT_PERCENTILE;
            case "median" -> 0.5;
            case "max" -> 1;
            default -> Double.parseDouble(percentile.substring(1)) / 100;
        };
    }

    /** The percentile for people, such as P99. */
    public String percentileName() {
        return "P" + plain(100 * percentile);
    }

    private static String plain(double number) {
        return new BigDecimal(number).round(new MathContext(5)).stripTrailingZeros().toPlainString();
    }

    /**
     * The latency's percentile in a report, in seconds. Exact for P50, P90, P95, P99 and P100; for others the next point
     * of the reported distribution, which is not less.
     */
    public double measured(SimulationReport report) {
        LatencySummary found = metric.in(report);
        double[] named = {0.5, found.p50Seconds(), 0.9, found.p90Seconds(), 0.95, found.p95Seconds(), 0.99, found.p99Seconds()};
        for (int i = 0; i < named.length; i += 2) {
            if (Math.abs(percentile - named[i]) < 1e-9) {
                return named[i + 1];
            }
        }
        for (int i = 0; i < found.cdfSeconds().length; i++) {
            if (found.cdfFractions()[i] >= percentile - 1e-9) {
                return found.cdfSeconds()[i];
            }
        }
        return found.maxSeconds();
    }

    /** Whether a report keeps the target; refused and unfinished requests break every one. */
    public boolean isMetBy(SimulationReport report) {
        return report.requests().finished() == report.requests().offered() && measured(report) <= seconds;
    }

    @Override
    public String toString() {
        boolean small = seconds < 1;
        return percentileName() + " " + metric.key() + "=" + plain(small ? seconds * 1e3 : seconds) + (small ? "ms" : "s");
    }
}
