package dev.pillion.kernels;

import dev.pillion.kernels.driver.KernelLaunch;

/**
 * Grids and blocks of the sampling kernels (module {@code sample}), and the memory they work in. The methods set a
 * launch's geometry and return it; {@code rows} is 1 or more.
 */
public final class SampleGeometry {
    /** The largest vocabulary whose weights sum to less than 2^63. */
    public static final int MAX_VOCABULARY = 1 << 19;
    /** Bytes per row of what {@code sample_greedy} keeps between launches; zero before the first. */
    public static final int GREEDY_STATE_BYTES = 16;

    private static final int SMALL_THREADS = 256;
    private static final int ROW_THREADS = 1024;
    /** Logits that are worth a thread block of their own. */
    private static final int GREEDY_PART_LOGITS = 1 << 13;

    private SampleGeometry() {}

    /** {@code sample_adjust} and {@code sample_restore}. */
    public static KernelLaunch adjust(KernelLaunch launch, int rows) {
        return launch.grid(rows, 1, 1).block(SMALL_THREADS, 1, 1).shared(0);
    }

    /** {@code sample_greedy}. */
    public static KernelLaunch greedy(KernelLaunch launch, int rows, int vocabulary) {
        int parts = Math.ceilDiv(vocabulary, GREEDY_PART_LOGITS);
        return launch.grid(parts, rows, 1).block(SMALL_THREADS, 1, 1).shared(0);
    }

    /** {@code sample_draw} and {@code sample_logprobs}. */
    public static KernelLaunch row(KernelLaunch launch, int rows) {
        return launch.grid(rows, 1, 1).block(ROW_THREADS, 1, 1).shared(0);
    }
}
