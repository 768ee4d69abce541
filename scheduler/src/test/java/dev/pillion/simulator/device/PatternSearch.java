package dev.pillion.simulator.device;

import java.util.Arrays;
import java.util.function.ToDoubleFunction;

/**
 * Finds positive coefficients that make a function small, without derivatives: each coefficient in turn is tried a step up and
 * down on a logarithmic scale; steps grow where that helps and shrink where it does not. Deterministic.
 */
final class PatternSearch {
    private static final double FIRST_STEP = 0.3;
    private static final double LEAST_STEP = 1e-3;
    private static final int SWEEPS = 200;

    private PatternSearch() {}

    /** Coefficients near {@code start} at which {@code cost} is least; zeros stay as they are. */
    static double[] minimise(double[] start, double[] lower, double[] upper, ToDoubleFunction<double[]> cost) {
        double[] best = start.clone();
        double[] steps = new double[start.length];
        Arrays.fill(steps, FIRST_STEP);
        double least = cost.applyAsDouble(best);
        for (int sweep = 0; sweep < SWEEPS; sweep++) {
            double widest = 0;
            for (int i = 0; i < best.length; i++) {
                double here = best[i];
                boolean better = false;
                for (int sign = 1; sign >= -1 && !better && here > 0; sign -= 2) {
                    best[i] = Math.clamp(here * Math.exp(sign * steps[i]), lower[i], upper[i]);
                    double tried = cost.applyAsDouble(best);
                    better = tried < least;
                    least = better ? tried : least;
                }
                best[i] = better ? best[i] : here;
                steps[i] *= better ? 1.3 : 0.6;
                widest = Math.max(widest, steps[i]);
            }
            if (widest < LEAST_STEP) {
                break;
            }
        }
        return best;
    }
}
