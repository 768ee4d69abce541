package dev.pillion.cli;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** Percentiles of a set of times, by nearest rank: each is a value that was measured. */
final class Percentiles {
    private final double[] sorted;

    Percentiles(double[] values) {
        sorted = values.clone();
        Arrays.sort(sorted);
    }

    int count() {
        return sorted.length;
    }

    /** The smallest value that a share {@code q} of all do not exceed; 0 of none. */
    double at(double q) {
        if (sorted.length == 0) {
            return 0;
        }
        int rank = (int) Math.ceil(q * sorted.length);
        return sorted[Math.clamp(rank - 1, 0, sorted.length - 1)];
    }

    double max() {
        return at(1);
    }

    double mean() {
        return Arrays.stream(sorted).average().orElse(0);
    }

    Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("count", count());
        json.put("mean", mean());
        json.put("p50", at(0.50));
        json.put("p90", at(0.90));
        json.put("p99", at(0.99));
        json.put("max", max());
        return json;
    }
}
