package dev.pillion.simulator;

/**
 * How a simulation runs.
 *
 * @param seed of everything random beside the workload
 * @param serviceLevel what requests are promised
 * @param progress hears how far it is
 * @param timelinePoints most points of each series over time, at least 2
 * @param limitNanos virtual time at which it stops, whatever is left to do
 * @param checkInvariants whether to check the schedulers after every step: slow, for tests
 */
public record SimulationOptions(
        long seed,
        ServiceLevel serviceLevel,
        Progress progress,
        int timelinePoints,
        long limitNanos,
        boolean checkInvariants) {

    /** Checks the number of points. */
    public SimulationOptions {
        if (timelinePoints < 2 || timelinePoints > 1000 || limitNanos < 1) {
            throw new IllegalArgumentException(
                    timelinePoints + " points of a series: 2 to 1000; limit of " + limitNanos + " ns: positive");
        }
    }

    /** Seed 1, nothing promised, nobody listening, 500 points, to the end. */
    public static SimulationOptions defaults() {
        return new SimulationOptions(1, ServiceLevel.NONE, Progress.NONE, 500, Long.MAX_VALUE, false);
    }

    /** The same with another seed. */
    public SimulationOptions withSeed(long other) {
        return new SimulationOptions(other, serviceLevel, progress, timelinePoints, limitNanos, checkInvariants);
    }

    /** The same with another promise. */
    public SimulationOptions withServiceLevel(ServiceLevel other) {
        return new SimulationOptions(seed, other, progress, timelinePoints, limitNanos, checkInvariants);
    }

    /** The same with a listener. */
    public SimulationOptions withProgress(Progress other) {
        return new SimulationOptions(seed, serviceLevel, other, timelinePoints, limitNanos, checkInvariants);
    }

    /** The same with another number of points. */
    public SimulationOptions withTimelinePoints(int points) {
        return new SimulationOptions(seed, serviceLevel, progress, points, limitNanos, checkInvariants);
    }

    /** The same with a limit on virtual time. */
    public SimulationOptions withLimitNanos(long nanos) {
        return new SimulationOptions(seed, serviceLevel, progress, timelinePoints, nanos, checkInvariants);
    }

    /** The same with invariants checked or not. */
    public SimulationOptions withCheckInvariants(boolean check) {
        return new SimulationOptions(seed, serviceLevel, progress, timelinePoints, limitNanos, check);
    }
}
