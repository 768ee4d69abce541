package dev.pillion.analysis;

import java.util.Arrays;
import java.util.List;

/**
 * Least squares of the relative error with coefficients that may not be negative, by coordinate descent on the normal
 * equations. Times are sums of work, so a negative coefficient could only be noise.
 */
final class NonNegativeFit {
    private static final int SWEEPS = 20_000;
    private static final double CONVERGED = 1e-9;

    /** A relative error beyond which an observation counts less: as if it were this far off and no further. */
    private static final double OUTLIER = 0.1;

    private static final int REWEIGHTINGS = 10;

    private NonNegativeFit() {}

    /**
     * As {@link #solve}, except that observations which the rest contradicts count less (Huber's weights, found by
     * solving again and again): a machine that others use has such.
     */
    static double[] solveRobustly(List<double[]> features, double[] values) {
        double[] weights = new double[values.length];
        Arrays.fill(weights, 1);
        double[] solution = solve(features, values, weights);
        for (int i = 0; i < REWEIGHTINGS; i++) {
            for (int row = 0; row < values.length; row++) {
                double error = Math.abs(product(features.get(row), solution) / values[row] - 1);
                weights[row] = Math.min(1, OUTLIER / error);
            }
            solution = solve(features, values, weights);
        }
        return solution;
    }

    private static double product(double[] features, double[] coefficients) {
        double sum = 0;
        for (int i = 0; i < features.length; i++) {
            sum += features[i] * coefficients[i];
        }
        return sum;
    }

    /**
     * Finds coefficients {@code c} so that {@code sum c[i] * features[i]} comes near the values.
     *
     * @param features one row per observation
     * @param values what was observed, positive
     * @param weights what each observation counts
     */
    static double[] solve(List<double[]> features, double[] values, double[] weights) {
        int n = features.getFirst().length;
        double[] scale = scales(features, values, n);
        double[] normal = new double[n * n];
        double[] target = new double[n];
        for (int row = 0; row < values.length; row++) {
            for (int i = 0; i < n; i++) {
                double x = features.get(row)[i] * scale[i] / values[row];
                target[i] += weights[row] * x;
                for (int j = 0; j < n; j++) {
                    normal[i * n + j] += weights[row] * x * features.get(row)[j] * scale[j] / values[row];
                }
            }
        }
        double[] solution = descend(normal, target, n);
        for (int i = 0; i < n; i++) {
            solution[i] *= scale[i];
        }
        return solution;
    }

    /** Columns of like size converge; a column of zeros gets no coefficient. */
    private static double[] scales(List<double[]> features, double[] values, int n) {
        double[] scale = new double[n];
        for (int i = 0; i < n; i++) {
            double squares = 0;
            for (int row = 0; row < values.length; row++) {
                squares += Math.pow(features.get(row)[i] / values[row], 2);
            }
            scale[i] = squares == 0 ? 0 : Math.sqrt(values.length / squares);
        }
        return scale;
    }

    private static double[] descend(double[] normal, double[] target, int n) {
        double[] solution = new double[n];
        double change = 1;
        for (int sweep = 0; sweep < SWEEPS && change > CONVERGED; sweep++) {
            change = 0;
            for (int i = 0; i < n; i++) {
                if (normal[i * n + i] > 0) {
                    double rest = target[i];
                    for (int j = 0; j < n; j++) {
                        rest -= j == i ? 0 : normal[i * n + j] * solution[j];
                    }
                    double next = Math.max(0, rest / normal[i * n + i]);
                    change = Math.max(change, Math.abs(next - solution[i]));
                    solution[i] = next;
                }
            }
        }
        return solution;
    }
}
