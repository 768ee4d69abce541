package dev.pillion.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options of {@code pillion simulate} that make up one run; those a file can hold. */
@Command
final class RunOptionGroup {
    @Option(names = "--name", paramLabel = "TEXT", description = "What to call the run (default: the file's name).")
    private @Nullable String name;

    @Mixin
    private ArrivalOptionGroup arrivals;

    @Mixin
    private ClusterOptionGroup cluster;

    @Option(
            names = "--slo",
            paramLabel = "LIMITS",
            converter = SloOption.Converter.class,
            description = "Latencies to keep, such as ttft=1s,tbt=100ms, or with percentiles, \"p50 delay=2s, p99 tbt=0.1s\" "
                    + "(default percentile: P99).")
    private SloOption slo = SloOption.NONE;

    @Option(
            names = "--capacity",
            description = "Also look for the highest rate of requests that keeps the SLO, by bisection.")
    private boolean capacity;

    ArrivalOptionGroup arrivals() {
        return arrivals;
    }

    ClusterOptionGroup cluster() {
        return cluster;
    }

    SloOption slo() {
        return slo;
    }

    boolean isCapacityWanted() {
        return capacity;
    }

    /** The run's name, or another where it has none. */
    String name(String otherwise) {
        return name == null ? otherwise : name;
    }
}
