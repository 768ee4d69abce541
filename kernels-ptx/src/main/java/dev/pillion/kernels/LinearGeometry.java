package dev.pillion.kernels;

import dev.pillion.kernels.driver.KernelLaunch;

/**
 * Which linear kernel serves how many rows, and its grid, block and shared memory; the heads of {@code linear_flat.cuh}
 * and {@code linear_tile.cuh} say the same. Counts are 1 or more.
 *
 * @param weight type of the weights
 * @param compute type of the activations as kernels' names have it: {@code f32}, {@code f16} or {@code bf16}
 */
public record LinearGeometry(LinearWeight weight, String compute) {
    /** Most rows of the flat product. */
    public static final int FLAT_ROWS = 16;

    /** Most rows for which a block of the flat product makes 16 outputs; it makes 32 for more. */
    static final int NARROW_ROWS = 8;

    /**
     * Dynamic shared memory that a block of the flat product may take: what every device of compute capability 8.0 or
     * more can give a block.
     */
    private static final int FLAT_SHARED_BYTES = 99 << 10;

    private static final int WARP = 32;
    private static final int FLAT_WARPS = 8;
    private static final int FLAT_SLICES = 8;
    private static final int PLAIN_THREADS = 256;
    private static final int PLAIN_SIDE = 64;
    private static final int TILE_THREADS = 128;
    private static final int TILE_STAGES = 4;
    private static final int TILE_ROW_BYTES = 64;
    private static final int X_PADDING = 32;

    /** Checks the compute type. */
    public LinearGeometry {
        if (!compute.equals("f32") && !compute.equals("f16") && !compute.equals("bf16")) {
            throw new IllegalArgumentException("compute is " + compute + "; allowed: f32, f16, bf16");
        }
    }

    /** Name of the module that holds the kernels. */
    public String module() {
        return "linear_" + weight.suffix() + "_" + compute;
    }

    /** Name of a kernel's entry. */
    public String entry(LinearKernel kernel) {
        return kernel.entry(weight, compute);
    }

    /**
     * The kernel for a product.
     *
     * @param logits whether results are f32 whatever the compute type is
     * @param multiprocessors of the device; tiles become smaller if there are fewer large ones than these
     */
    public LinearKernel choose(int rows, int outputs, boolean logits, int multiprocessors) {
        boolean tensor = !compute.equals("f32");
        if (rows <= FLAT_ROWS) {
            return logits && tensor ? LinearKernel.GEMV_F32 : LinearKernel.GEMV;
        }
        if (!tensor) {
            return LinearKernel.GEMM;
        }
        if (logits) {
            return LinearKernel.GEMM_F32;
        }
        long tiles = (long) Math.ceilDiv(rows, LinearKernel.GEMM.side()) * Math.ceilDiv(outputs, LinearKernel.GEMM.side());
        boolean fits = sharedBytes(LinearKernel.GEMM, rows) <= FLAT_SHARED_BYTES;
        return rows > LinearKernel.GEMM64.side() && tiles >= multiprocessors && fits
                ? LinearKernel.GEMM
                : LinearKernel.GEMM64;
    }

    /** Sets a launch's grid, block and shared memory, and returns it. */
    public KernelLaunch set(KernelLaunch launch, LinearKernel kernel, int rows, int outputs) {
        if (kernel.flat()) {
            require(rows <= FLAT_ROWS, "rows is " + rows + "; " + kernel + " takes up to " + FLAT_ROWS);
            return launch.grid(Math.ceilDiv(outputs, flatOutputs(rows)), 1, 1)
                    .block(WARP * flatWarps(rows), 1, 1)
                    .shared(sharedBytes(kernel, rows));
        }
        int side = plain() ? PLAIN_SIDE : kernel.side();
        return launch.grid(Math.ceilDiv(rows, side), Math.ceilDiv(outputs, side), 1)
                .block(plain() ? PLAIN_THREADS : TILE_THREADS, 1, 1)
                .shared(sharedBytes(kernel, rows));
    }

    /** Dynamic shared memory of a block. */
    public int sharedBytes(LinearKernel kernel, int rows) {
        if (plain()) {
            return 0;
        }
        return kernel.flat() ? sumBytes(rows) + flatWarps(rows) * warpBytes(rows) : tileBytes(kernel.side());
    }

    /** Most dynamic shared memory that a kernel is launched with, whatever the rows: what to allow it. */
    public int mostSharedBytes(LinearKernel kernel) {
        int most = 0;
        for (int rows = 1; rows <= FLAT_ROWS; rows++) {
            most = Math.max(most, sharedBytes(kernel, rows));
        }
        return most;
    }

    /** Whether the kernels do without tensor cores. */
    private boolean plain() {
        return compute.equals("f32");
    }

    private int flatOutputs(int rows) {
        return plain() ? FLAT_WARPS : rows <= NARROW_ROWS ? 16 : 32;
    }

    /** Warps share out eight slices of the columns, so their number divides eight; as many as fit. */
    private int flatWarps(int rows) {
        int warps = FLAT_WARPS;
        while (!plain() && warps > 1 && sumBytes(rows) + warps * warpBytes(rows) > FLAT_SHARED_BYTES) {
            warps /= 2;
        }
        return warps;
    }

    /** The slices' sums of a block, in f32. */
    private int sumBytes(int rows) {
        int columns = rows <= NARROW_ROWS ? NARROW_ROWS : FLAT_ROWS;
        return FLAT_SLICES * flatOutputs(rows) * columns * Float.BYTES;
    }

    /** A warp's ring of stages. */
    private int warpBytes(int rows) {
        int stage = flatOutputs(rows) * weight.stageBytesPerOutput() + rows * (2 * weight.stageColumns() + X_PADDING);
        return weight.stages(rows) * Math.ceilDiv(stage, 16) * 16;
    }

    /** Stages of activations and weights, and two tiles of unpacked weights if they are stored otherwise. */
    private int tileBytes(int side) {
        int tile = side * TILE_ROW_BYTES;
        boolean direct = weight.suffix().equals(compute);
        return direct ? TILE_STAGES * 2 * tile : TILE_STAGES * (tile + side * weight.groupBytes()) + 2 * tile;
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new IllegalArgumentException(message);
        }
    }
}
