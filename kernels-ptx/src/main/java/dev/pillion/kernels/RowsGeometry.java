package dev.pillion.kernels;

import dev.pillion.kernels.driver.KernelLaunch;

/**
 * Grids, blocks and shared memory of the kernels on rows of activations ({@code rows_f32}, {@code rows_f16},
 * {@code rows_bf16}) and of the block moves ({@code blocks}). The methods set a launch's geometry and return it; counts
 * are 1 or more. The head of each kernel's source says the same.
 */
public final class RowsGeometry {
    /** Bytes that a thread touches at a time. */
    private static final int CHUNK_BYTES = 16;

    private static final int WARP = 32;
    private static final int MOST_THREADS = 1024;
    private static final int FLAT_THREADS = 256;
    private static final int HEAD_NORM_THREADS = 128;
    /** Elements that a thread takes out of a packed weight. */
    private static final int UNPACKED = 8;
    /** Bytes of cosine and sine of a pair. */
    private static final int TURN_BYTES = 8;
    /** Bytes of a block that are worth a thread block of their own. */
    private static final int COPY_PART_BYTES = 1 << 15;

    private static final int MOST_COPY_PARTS = 256;

    private final int chunk;

    /**
     * Geometry for one element type.
     *
     * @param elementBytes bytes of an activation, 2 or 4
     */
    public RowsGeometry(int elementBytes) {
        if (elementBytes != 2 && elementBytes != 4) {
            throw new IllegalArgumentException("elementBytes is " + elementBytes + "; allowed: 2, 4");
        }
        chunk = CHUNK_BYTES / elementBytes;
    }

    /** Threads of a block that normalises a row of {@code columns}: a chunk each, as far as a block reaches. */
    public int normThreads(int columns) {
        int warps = Math.ceilDiv(Math.ceilDiv(columns, chunk), WARP);
        return Math.min(MOST_THREADS, warps * WARP);
    }

    /** {@code rms_norm}, {@code add_rms_norm}, {@code layer_norm} of {@code rows} rows. */
    public KernelLaunch norm(KernelLaunch launch, int rows, int columns) {
        return launch.grid(rows, 1, 1).block(normThreads(columns), 1, 1).shared(0);
    }

    /** {@code head_norm} of {@code rows * heads} heads. */
    public KernelLaunch headNorm(KernelLaunch launch, int rows, int heads) {
        return flat(launch, (long) rows * heads, HEAD_NORM_THREADS / WARP, HEAD_NORM_THREADS);
    }

    /** {@code rope_kv} of {@code tokens} tokens with {@code pairs} turned pairs per head. */
    public KernelLaunch ropeKv(KernelLaunch launch, int tokens, int pairs) {
        return launch.grid(tokens, 1, 1).block(FLAT_THREADS, 1, 1).shared(TURN_BYTES * pairs);
    }

    /** {@code add}, {@code gated_silu}, {@code gated_gelu}, {@code to_f32} of {@code count} elements. */
    public KernelLaunch flat(KernelLaunch launch, long count) {
        return flat(launch, count, FLAT_THREADS * chunk, FLAT_THREADS);
    }

    /** {@code add_bias} to {@code rows} rows. */
    public KernelLaunch addBias(KernelLaunch launch, int rows, int columns) {
        return launch.grid(rows, Math.ceilDiv(columns, FLAT_THREADS * chunk), 1).block(FLAT_THREADS, 1, 1).shared(0);
    }

    /** {@code gather_rows}, {@code scatter_rows}, {@code embed_<w>} of {@code rows} rows. */
    public KernelLaunch rows(KernelLaunch launch, int rows) {
        return launch.grid(rows, 1, 1).block(FLAT_THREADS, 1, 1).shared(0);
    }

    /** {@code dequantize_<w>} of a matrix. */
    public KernelLaunch dequantize(KernelLaunch launch, long rows, int columns) {
        return flat(launch, rows * columns, FLAT_THREADS * UNPACKED, FLAT_THREADS);
    }

    /** {@code copy_blocks} of {@code pairs} pairs of blocks. */
    public static KernelLaunch copyBlocks(KernelLaunch launch, int pairs, long blockBytes) {
        int parts = (int) Math.min(MOST_COPY_PARTS, Math.ceilDiv(blockBytes, (long) COPY_PART_BYTES));
        return launch.grid(pairs, parts, 1).block(FLAT_THREADS, 1, 1).shared(0);
    }

    /** {@code split_blocks} of {@code blocks} blocks of {@code mainBytes} bytes without their scale. */
    public static KernelLaunch splitBlocks(KernelLaunch launch, long blocks, int mainBytes) {
        return flat(launch, blocks * (mainBytes / CHUNK_BYTES), FLAT_THREADS, FLAT_THREADS);
    }

    private static KernelLaunch flat(KernelLaunch launch, long count, int perBlock, int threads) {
        int blocks = Math.toIntExact(Math.ceilDiv(count, (long) perBlock));
        return launch.grid(blocks, 1, 1).block(threads, 1, 1).shared(0);
    }
}
