package dev.pillion.simulator.workload;

import java.util.SplittableRandom;

/** The requests of another workload with arrival times of their own. */
record ArrivingWorkload(Workload base, ArrivalProcess arrivals, long seed) implements Workload {
    @Override
    public String description() {
        return base.description() + ", arrivals " + arrivals;
    }

    @Override
    public long size() {
        return base.size();
    }

    @Override
    public boolean sharesPrefixes() {
        return base.sharesPrefixes();
    }

    @Override
    public RequestSource open() {
        SplittableRandom random = new SplittableRandom(seed);
        RequestSource source = base.open();
        double[] seconds = new double[1];
        return () -> {
            Request request = source.next();
            if (request == null) {
                return null;
            }
            seconds[0] += arrivals.gapSeconds(random);
            return request.at(request.id(), Math.round(seconds[0] * 1e9));
        };
    }
}
