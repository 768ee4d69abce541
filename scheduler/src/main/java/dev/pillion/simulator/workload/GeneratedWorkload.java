package dev.pillion.simulator.workload;

import java.util.SplittableRandom;

/**
 * Requests drawn from an arrival process and a length distribution, the same for the same seed.
 *
 * @param size number of requests
 */
public record GeneratedWorkload(ArrivalProcess arrivals, LengthDistribution lengths, long size, long seed)
        implements Workload {
    /** Checks the number. */
    public GeneratedWorkload {
        if (size < 0) {
            throw new IllegalArgumentException(size + " requests");
        }
    }

    @Override
    public String description() {
        return size + " requests, arrivals " + arrivals + ", " + lengths.description();
    }

    @Override
    public boolean sharesPrefixes() {
        return false;
    }

    @Override
    public RequestSource open() {
        SplittableRandom forArrivals = new SplittableRandom(seed);
        SplittableRandom forLengths = forArrivals.split();
        double[] seconds = new double[1];
        long[] count = new long[1];
        return () -> {
            if (count[0] == size) {
                return null;
            }
            seconds[0] += arrivals.gapSeconds(forArrivals);
            long drawn = lengths.draw(forLengths);
            return new Request(count[0]++, Math.round(seconds[0] * 1e9), (int) (drawn >>> 32), (int) drawn);
        };
    }
}
