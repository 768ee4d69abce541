package dev.pillion.sampling;

/** Pearson's goodness-of-fit test. */
final class ChiSquare {
    private ChiSquare() {}

    /**
     * How many standard deviations the statistic lies above its expectation, by the Wilson-Hilferty approximation:
     * about normal, so above 4.5 once in 300 000 tests where the distribution is right.
     *
     * @param observed how often each outcome came
     * @param probabilities of the outcomes; those expected fewer than 5 times are pooled
     */
    static double deviation(long[] observed, double[] probabilities) {
        long draws = 0;
        for (long count : observed) {
            draws += count;
        }
        double statistic = 0;
        int cells = 0;
        double pooledExpected = 0;
        long pooledObserved = 0;
        for (int i = 0; i < observed.length; i++) {
            double expected = draws * probabilities[i];
            if (expected < 5) {
                pooledExpected += expected;
                pooledObserved += observed[i];
            } else {
                statistic += (observed[i] - expected) * (observed[i] - expected) / expected;
                cells++;
            }
        }
        if (pooledExpected >= 1) {
            statistic += (pooledObserved - pooledExpected) * (pooledObserved - pooledExpected) / pooledExpected;
            cells++;
        }
        double freedom = Math.max(cells - 1, 1);
        double spread = 2 / (9 * freedom);
        return (Math.cbrt(statistic / freedom) - (1 - spread)) / Math.sqrt(spread);
    }
}
