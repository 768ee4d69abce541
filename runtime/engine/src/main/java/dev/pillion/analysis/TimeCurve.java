package dev.pillion.analysis;

import java.util.Arrays;
import java.util.List;

/**
 * How long an operation takes, as a function of the rows it works on: measured at some numbers of rows, straight lines
 * between them, and the last line's slope beyond. Kernels change with the number of rows, so no one rate describes
 * them.
 *
 * @param rows numbers of rows, ascending from 1 or more
 * @param seconds time at each
 */
public record TimeCurve(int[] rows, double[] seconds) {
    /** Checks that the points make a curve, and copies them. */
    public TimeCurve {
        rows = rows.clone();
        seconds = seconds.clone();
        if (rows.length == 0 || rows.length != seconds.length || rows[0] < 1) {
            throw new IllegalArgumentException("a time curve needs as many times as rows, at least one");
        }
        for (int i = 0; i < rows.length; i++) {
            boolean ascending = i == 0 || rows[i] > rows[i - 1];
            if (!ascending || !(seconds[i] >= 0) || Double.isInfinite(seconds[i])) {
                throw new IllegalArgumentException("a time curve has " + seconds[i] + " s at " + rows[i]
                        + " rows; rows must ascend and times be positive");
            }
        }
    }

    /** Time for so many rows; none takes none. */
    public double at(long count) {
        if (count <= 0) {
            return 0;
        }
        int upper = 0;
        while (upper < rows.length && rows[upper] < count) {
            upper++;
        }
        if (rows.length == 1) {
            return seconds[0] * Math.max(1, (double) count / rows[0]);
        }
        int right = Math.clamp(upper, 1, rows.length - 1);
        int left = right - 1;
        double slope = (seconds[right] - seconds[left]) / (rows[right] - rows[left]);
        double time = seconds[left] + slope * (count - rows[left]);
        // Below the first point a steep line could end below zero; beyond the last, noise could make it fall.
        return count < rows[0] ? seconds[0] : count > rows[right] ? Math.max(time, seconds[right]) : time;
    }

    /** The curve that at each number of rows of any of some curves is their sum. */
    static TimeCurve sum(List<TimeCurve> curves) {
        int[] rows = curves.stream()
                .flatMapToInt(curve -> Arrays.stream(curve.rows))
                .sorted()
                .distinct()
                .toArray();
        double[] seconds = Arrays.stream(rows)
                .mapToDouble(count -> curves.stream().mapToDouble(curve -> curve.at(count)).sum())
                .toArray();
        return new TimeCurve(rows, seconds);
    }

    /** The same with all times so many times as long. */
    TimeCurve scaled(double factor) {
        return new TimeCurve(rows, Arrays.stream(seconds).map(time -> factor * time).toArray());
    }

    @Override
    public int[] rows() {
        return rows.clone();
    }

    @Override
    public double[] seconds() {
        return seconds.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TimeCurve curve
                && Arrays.equals(rows, curve.rows)
                && Arrays.equals(seconds, curve.seconds);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(rows) + Arrays.hashCode(seconds);
    }
}
