package dev.pillion.scheduler;

/**
 * Quantiles of the last 256 ratios of measured to predicted time, from a histogram with 32 bins per doubling between a
 * quarter and four: adding is constant time, reading walks the bins, and the answer is at most 2.2 % too high.
 */
final class ErrorQuantile {
    private static final int WINDOW = 256;
    private static final int BINS_PER_DOUBLING = 32;
    private static final int BINS = 4 * BINS_PER_DOUBLING;

    private final byte[] recent = new byte[WINDOW];
    private final int[] bins = new int[BINS];
    private int next;
    private int count;

    void add(double ratio) {
        double doublings = Math.log(Math.max(1e-9, ratio)) / Math.log(2);
        int bin = (int) Math.clamp(Math.floor((doublings + 2) * BINS_PER_DOUBLING), 0, BINS - 1);
        if (count == WINDOW) {
            bins[recent[next]]--;
        } else {
            count++;
        }
        recent[next] = (byte) bin;
        bins[bin]++;
        next = (next + 1) % WINDOW;
    }

    int count() {
        return count;
    }

    /** The smallest bin edge that at most {@code 1 - q} of the ratios exceed. */
    double quantile(double q) {
        int above = 0;
        int allowed = (int) (count * (1 - q));
        int bin = BINS - 1;
        while (bin > 0 && above + bins[bin] <= allowed) {
            above += bins[bin--];
        }
        return Math.pow(2, (bin + 1) / (double) BINS_PER_DOUBLING - 2);
    }
}
