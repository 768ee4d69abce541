package dev.pillion.simulator.workload;

import java.util.SplittableRandom;

/** When requests come. */
public sealed interface ArrivalProcess {
    /** Seconds between one arrival and the next. */
    double gapSeconds(SplittableRandom random);

    /** Arrivals at random at a mean rate: gaps are exponential. */
    record Poisson(double requestsPerSecond) implements ArrivalProcess {
        /** Checks the rate. */
        public Poisson {
            checkRate(requestsPerSecond);
        }

        @Override
        public double gapSeconds(SplittableRandom random) {
            return -Math.log1p(-random.nextDouble()) / requestsPerSecond;
        }
    }

    /**
     * Gamma-distributed gaps: burstier than Poisson where they vary more than 1, smoother where less.
     *
     * @param requestsPerSecond mean rate
     * @param variation coefficient of variation of the gaps, above 0; 1 is Poisson
     */
    record Gamma(double requestsPerSecond, double variation) implements ArrivalProcess {
        /** Checks rate and variation. */
        public Gamma {
            checkRate(requestsPerSecond);
            if (!(variation > 0) || variation > 100) {
                throw new IllegalArgumentException("coefficient of variation " + variation + ": above 0, at most 100");
            }
        }

        @Override
        public double gapSeconds(SplittableRandom random) {
            double shape = 1 / (variation * variation);
            return GammaSampler.sample(shape, random) / (shape * requestsPerSecond);
        }
    }

    /** One request every so often, evenly. */
    record Even(double requestsPerSecond) implements ArrivalProcess {
        /** Checks the rate. */
        public Even {
            checkRate(requestsPerSecond);
        }

        @Override
        public double gapSeconds(SplittableRandom random) {
            return 1 / requestsPerSecond;
        }
    }

    /** All requests are there at the start: an offline batch. */
    record AtOnce() implements ArrivalProcess {
        @Override
        public double gapSeconds(SplittableRandom random) {
            return 0;
        }
    }

    private static void checkRate(double requestsPerSecond) {
        if (!(requestsPerSecond > 0) || requestsPerSecond > 1e9) {
            throw new IllegalArgumentException(requestsPerSecond + " requests per second: above 0, at most 1e9");
        }
    }
}
