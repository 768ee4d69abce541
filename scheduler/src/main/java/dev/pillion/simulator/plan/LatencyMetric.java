package dev.pillion.simulator.plan;

import dev.pillion.simulator.report.LatencySummary;
import dev.pillion.simulator.report.SimulationReport;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** A latency that can be bounded. */
public enum LatencyMetric {
    /** Arrival to first token. */
    TTFT("ttft"),
    /** Each gap between two tokens of a request, all gaps pooled. */
    TBT("tbt"),
    /** Arrival to the first step that computes for the request. */
    SCHEDULING_DELAY("scheduling_delay"),
    /** Arrival to last token. */
    E2E("e2e"),
    /** Mean gap of a request. */
    TPOT("tpot");

    private final String key;

    LatencyMetric(String key) {
        this.key = key;
    }

    /** Name in options and reports. */
    public String key() {
        return key;
    }

    /** Distribution of this latency in a report. */
    public LatencySummary in(SimulationReport report) {
        SimulationReport.Latencies all = report.latencies();
        return switch (this) {
            case TTFT -> all.timeToFirstToken();
            case TBT -> all.timeBetweenTokens();
            case SCHEDULING_DELAY -> all.schedulingDelay();
            case E2E -> all.endToEnd();
            case TPOT -> all.timePerOutputToken();
        };
    }

    /** A metric by name; {@code delay} is short for the scheduling delay, {@code itl} another name of TBT. */
    public static Optional<LatencyMetric> named(String name) {
        String wanted = name.replace('-', '_');
        if (wanted.equals("delay")) {
            return Optional.of(SCHEDULING_DELAY);
        }
        return wanted.equals("itl")
                ? Optional.of(TBT)
                : Arrays.stream(values()).filter(metric -> metric.key.equals(wanted)).findFirst();
    }

    /** Names of all. */
    public static List<String> names() {
        return Arrays.stream(values()).map(LatencyMetric::key).toList();
    }
}
