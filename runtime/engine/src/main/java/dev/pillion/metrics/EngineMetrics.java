package dev.pillion.metrics;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/**
 * What an engine counted and measured since it opened. The engine thread writes, without locks and without allocating;
 * any thread may take a {@link #snapshot}, also after the engine was closed.
 */
public interface EngineMetrics {
    /**
     * The values of this moment.
     *
     * <p>What one event changes is seen together or not at all; only where no quiet moment is found for a second can
     * numbers be one event apart. What concerns a request is recorded before its caller hears of it; what
     * concerns a step, when the step is committed.
     */
    Snapshot snapshot();

    /**
     * Values of one moment.
     *
     * @param counters a value for every counter
     * @param gauges a value for every gauge
     * @param distributions a histogram for every distribution
     * @param device what the device said of itself a moment ago, if it has a voice and the engine is open
     */
    record Snapshot(
            Map<Counter, Long> counters,
            Map<Gauge, Long> gauges,
            Map<Distribution, Histogram> distributions,
            Optional<DeviceReading> device) {

        /** Copies the maps. */
        public Snapshot {
            counters = Collections.unmodifiableMap(new EnumMap<>(counters));
            gauges = Collections.unmodifiableMap(new EnumMap<>(gauges));
            distributions = Collections.unmodifiableMap(new EnumMap<>(distributions));
        }

        /** Value of a counter. */
        public long get(Counter counter) {
            return counters.getOrDefault(counter, 0L);
        }

        /** Value of a gauge. */
        public long get(Gauge gauge) {
            return gauges.getOrDefault(gauge, 0L);
        }

        /** Values recorded of a distribution. */
        public Histogram get(Distribution distribution) {
            return distributions.getOrDefault(distribution, new Histogram(new long[0], 0, 0));
        }

        /** Requests that ended, for whatever reason; those refused were never taken and are not among them. */
        public long requestsFinished() {
            return get(Counter.REQUESTS_STOP)
                    + get(Counter.REQUESTS_LENGTH)
                    + get(Counter.REQUESTS_CANCELLED)
                    + get(Counter.REQUESTS_FAILED);
        }

        /** Share of the KV blocks that sequences hold, 0 to 1. */
        public double kvUsage() {
            return share(get(Gauge.KV_BLOCKS_USED), get(Gauge.KV_BLOCKS));
        }

        /** The largest share of the KV blocks that any step held, 0 to 1. */
        public double kvPeakUsage() {
            return share(get(Gauge.KV_BLOCKS_PEAK), get(Gauge.KV_BLOCKS));
        }

        /** Share of the tokens asked of the prefix cache that it had, 0 to 1. */
        public double prefixHitRate() {
            return share(get(Counter.PREFIX_HIT_TOKENS), get(Counter.PREFIX_QUERY_TOKENS));
        }

        /** Mean time of a step that the engine's thread spends on anything but waiting for the device, in nanoseconds. */
        public double hostNanosPerStep() {
            Histogram steps = get(Distribution.STEP_TIME);
            return share(steps.sum() - get(Distribution.STEP_WAIT_TIME).sum(), steps.count());
        }

        private static double share(long part, long whole) {
            return whole == 0 ? 0 : (double) part / whole;
        }
    }
}
