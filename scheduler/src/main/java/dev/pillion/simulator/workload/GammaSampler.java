package dev.pillion.simulator.workload;

import java.util.SplittableRandom;

/** Draws from the gamma distribution of scale 1 by the squeeze of Marsaglia and Tsang (ACM TOMS 26(3), 2000). */
final class GammaSampler {
    private GammaSampler() {
    }

    static double sample(double shape, SplittableRandom random) {
        if (shape < 1) {
            // Their section 6: a draw of shape + 1 times a power of a uniform has the smaller shape.
            return sample(shape + 1, random) * Math.pow(1 - random.nextDouble(), 1 / shape);
        }
        double d = shape - 1.0 / 3;
        double c = 1 / Math.sqrt(9 * d);
        while (true) {
            double x = random.nextGaussian();
            double v = 1 + c * x;
            if (v <= 0) {
                continue;
            }
            v = v * v * v;
            double u = 1 - random.nextDouble();
            if (Math.log(u) < 0.5 * x * x + d - d * v + d * Math.log(v)) {
                return d * v;
            }
        }
    }
}
