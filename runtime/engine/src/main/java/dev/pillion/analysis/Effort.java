package dev.pillion.analysis;

/**
 * How much work a measurement takes upon itself.
 *
 * @param matrixBytes size of the matrices bandwidth is measured with; beyond every cache for a true result
 * @param runSeconds how long one timed run should last at least, so that the clock and the launch do not count
 * @param measureSeconds how long each point is measured
 * @param leastRuns fewest runs of each point
 * @param rounds how often all points of a model's steps are gone through at most, so that a disturbance does not hit all
 *     runs of one
 * @param roundsSeconds when no further round begins once there were three, since large models take long
 * @param warmUpSeconds how long steps run before anything is measured, so that their code is compiled
 * @param checkSeconds how long steps that predictions are compared with are repeated at least
 */
public record Effort(
        long matrixBytes, double runSeconds, double measureSeconds, int leastRuns, int rounds,
        double roundsSeconds, double warmUpSeconds, double checkSeconds) {
    /** For results to keep. */
    public static final Effort FULL = new Effort(256L << 20, 0.02, 0.05, 5, 7, 90, 4, 30);

    /** For a first impression in a few seconds: caches make some rates look too good. */
    public static final Effort QUICK = new Effort(16L << 20, 0.002, 0.002, 3, 1, 0, 0.5, 0);

    /** For points that stand for themselves. */
    Stopwatch stepWatch() {
        return new Stopwatch((long) (measureSeconds * 0.4e9), (long) (measureSeconds * 1e9), leastRuns);
    }

    /** For one round of points that are gone through several times. */
    Stopwatch roundWatch() {
        double seconds = measureSeconds / rounds;
        return new Stopwatch((long) (seconds * 0.2e9), (long) (seconds * 1e9), 1);
    }
}
