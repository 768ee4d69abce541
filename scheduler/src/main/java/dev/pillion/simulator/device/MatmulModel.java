package dev.pillion.simulator.device;

import java.util.Arrays;

/**
 * How long a matrix multiplication {@code [tokens, depth] x [depth, columns]} takes: what a library that picks the best of its
 * kernels gets. The output is cut into tiles; with {@code split} also the depth, so that there is work for every
 * multiprocessor. Tiles run in waves, one tile on each multiprocessor, and the last wave takes as long as a full one: that is
 * where the steps in a measured curve come from (tile and wave quantisation). A tile takes the time of its products at a share
 * of the device's rate, which larger tiles get more of, and a fill and drain of its pipeline. Memory traffic runs beside: with
 * too few tiles to keep it busy, slower. Of all tiles and splits the fastest counts.
 *
 * <p>Coefficients: kernel overhead in seconds; share of bandwidth; sharpness {@code p} of the roof, where arithmetic {@code c}
 * and memory {@code m} together take {@code (c^p + m^p)^(1/p)}; fill in steps of 64 along the depth; seconds a split adds; and a
 * share of arithmetic for each of {@link #TILES}.
 */
final class MatmulModel {
    /** Rows (tokens) and columns of the output tiles there are. */
    static final int[][] TILES = {{16, 64}, {32, 64}, {64, 64}, {64, 128}, {128, 128}, {128, 256}, {256, 128}};

    /** Coefficients before those of the tiles. */
    static final int FIXED = 5;

    private static final int[] SPLITS = {1, 2, 3, 4, 6, 8};
    private static final int DEPTH_STEP = 64;
    private static final int ACTIVATION_BYTES = 2;
    private static final int PARTIAL_SUM_BYTES = 4;
    /** Share of the multiprocessors that have to be busy for the memory to be. */
    private static final double SATURATING = 1.5;

    private final double overheadSeconds;
    private final double bandwidthShare;
    private final double sharpness;
    private final double fill;
    private final double splitSeconds;
    private final double[] tileShares;

    MatmulModel(double[] coefficients) {
        OperatorCoefficients.requireCount("matmul", coefficients, FIXED + TILES.length);
        overheadSeconds = coefficients[0];
        bandwidthShare = coefficients[1];
        sharpness = coefficients[2];
        fill = coefficients[3];
        splitSeconds = coefficients[4];
        tileShares = Arrays.copyOfRange(coefficients, FIXED, coefficients.length);
    }

    /**
     * Seconds of one multiplication.
     *
     * @param flopsPerSecond nominal rate of its arithmetic
     * @param weightBytes the matrix as it is stored
     */
    double seconds(GpuDevice device, double flopsPerSecond, long tokens, long columns, long depth, double weightBytes) {
        double bandwidth = device.bytesPerSecond() * bandwidthShare;
        double memory = (weightBytes + (double) ACTIVATION_BYTES * tokens * (columns + depth)) / bandwidth;
        int processors = device.multiprocessors();
        double best = Double.POSITIVE_INFINITY;
        for (int i = 0; i < TILES.length; i++) {
            int rows = TILES[i][0];
            int width = TILES[i][1];
            long tiles = Math.ceilDiv(tokens, rows) * Math.ceilDiv(columns, width);
            double secondsPerDepth = 2.0 * rows * width * processors / (flopsPerSecond * tileShares[i]);
            for (int split : SPLITS) {
                long all = tiles * split;
                double arithmetic =
                        Math.ceilDiv(all, processors) * ((double) depth / split + fill * DEPTH_STEP) * secondsPerDepth;
                double traffic = memory / Math.min(1, SATURATING * Math.min(1, (double) all / processors));
                double reduce = split == 1
                        ? 0
                        : splitSeconds + (double) PARTIAL_SUM_BYTES * tokens * columns * split / (2 * device.bytesPerSecond());
                // The roof lies above both of its sides: nothing to compute where one of them is too high already.
                if (Math.max(arithmetic, traffic) + reduce < best) {
                    best = Math.min(best, Roof.of(arithmetic, traffic, sharpness) + reduce);
                }
            }
        }
        return overheadSeconds + best;
    }
}
