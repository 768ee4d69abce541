package dev.pillion.cli;

import dev.pillion.simulator.ServiceLevel;
import dev.pillion.simulator.plan.LatencyMetric;
import dev.pillion.simulator.plan.LatencyTarget;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * What latencies are to be kept.
 *
 * @param targets bounds on percentiles
 */
record SloOption(List<LatencyTarget> targets) {
    static final SloOption NONE = new SloOption(List.of());

    /** Reads targets. */
    static final class Converter implements ITypeConverter<SloOption> {
        @Override
        public SloOption convert(String text) {
            try {
                return new SloOption(LatencyTarget.parse(text));
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }

    /** The tightest bound on the time between tokens, in seconds; infinite if there is none. */
    double betweenTokensSeconds() {
        return limit(LatencyMetric.TBT);
    }

    /** What one request is promised: the same limits, whatever the percentile. */
    ServiceLevel serviceLevel() {
        return new ServiceLevel(nanos(LatencyMetric.TTFT), nanos(LatencyMetric.TBT), nanos(LatencyMetric.E2E));
    }

    private double limit(LatencyMetric metric) {
        return targets.stream()
                .filter(target -> target.metric() == metric)
                .mapToDouble(LatencyTarget::seconds)
                .min()
                .orElse(Double.POSITIVE_INFINITY);
    }

    private long nanos(LatencyMetric metric) {
        double seconds = limit(metric);
        return Double.isInfinite(seconds) ? ServiceLevel.UNLIMITED : Math.max(1, Math.round(seconds * 1e9));
    }

    /** The targets as JSON. */
    List<Map<String, Object>> json() {
        return targets.stream().map(SloOption::json).toList();
    }

    static Map<String, Object> json(LatencyTarget target) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("metric", target.metric().key());
        json.put("percentile", target.percentile());
        json.put("seconds", target.seconds());
        return json;
    }
}
