package dev.pillion.simulator.device;

import dev.pillion.simulator.device.OperatorMeasurements.Sample;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;

/** A measured time by rows: straight lines between what was measured, in proportion beyond the last. */
final class MeasuredCurve {
    private final long[] rows;
    private final double[] seconds;

    /** A curve through at least one sample; the mean of those of the same rows. */
    MeasuredCurve(List<Sample> samples) {
        TreeMap<Long, double[]> sums = new TreeMap<>();
        for (Sample sample : samples) {
            double[] sum = sums.computeIfAbsent((long) sample.rows(), key -> new double[2]);
            sum[0] += sample.seconds();
            sum[1]++;
        }
        rows = sums.keySet().stream().mapToLong(Long::longValue).toArray();
        seconds = sums.values().stream().mapToDouble(sum -> sum[0] / sum[1]).toArray();
    }

    double at(long at) {
        int found = Arrays.binarySearch(rows, at);
        if (found >= 0) {
            return seconds[found];
        }
        int next = -found - 1;
        if (next == 0) {
            return seconds[0];
        }
        if (next == rows.length) {
            return seconds[next - 1] * at / rows[next - 1];
        }
        double share = (double) (at - rows[next - 1]) / (rows[next] - rows[next - 1]);
        return seconds[next - 1] + share * (seconds[next] - seconds[next - 1]);
    }
}
