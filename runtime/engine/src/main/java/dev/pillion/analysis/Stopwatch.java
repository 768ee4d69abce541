package dev.pillion.analysis;

import java.util.Arrays;

/**
 * Times something by doing it again and again: first until it has warmed up, then until enough was measured. The median
 * stands for what it takes, since a machine that others use has outliers on one side only.
 *
 * @param warmUpNanos how long to do it unmeasured, at least once
 * @param measureNanos how long to measure, at least {@code leastRuns} runs
 * @param leastRuns fewest measured runs
 */
record Stopwatch(long warmUpNanos, long measureNanos, int leastRuns) {
    private static final int MOST_RUNS = 1000;

    /** Median seconds of the action; {@code before} runs unmeasured ahead of each. */
    double medianSeconds(Runnable before, Runnable action) {
        long start = System.nanoTime();
        do {
            before.run();
            action.run();
        } while (System.nanoTime() - start < warmUpNanos);
        double[] times = new double[MOST_RUNS];
        int runs = 0;
        long measured = 0;
        while (runs < MOST_RUNS && (runs < leastRuns || measured < measureNanos)) {
            before.run();
            long from = System.nanoTime();
            action.run();
            long took = Math.max(1, System.nanoTime() - from);
            times[runs++] = took / 1e9;
            measured += took;
        }
        return median(Arrays.copyOf(times, runs));
    }

    /** The middle of some times; of the two middle ones the longer. */
    static double median(double[] times) {
        double[] sorted = times.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    /** As the other, with nothing to do before. */
    double medianSeconds(Runnable action) {
        return medianSeconds(() -> {}, action);
    }
}
