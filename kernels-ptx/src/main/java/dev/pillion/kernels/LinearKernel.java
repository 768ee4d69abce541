package dev.pillion.kernels;

/**
 * The linear kernels of a weight type and a compute type. {@code x} is {@code [rows][columns]}, the weight
 * {@code [outputs][columns]}, the result {@code [rows][outputs]}.
 */
public enum LinearKernel {
    /** Up to {@link LinearGeometry#FLAT_ROWS} rows, bound by reading the weights. */
    GEMV("gemv", "", 0),
    /** As {@link #GEMV}, results in f32. Not for f32 activations. */
    GEMV_F32("gemv", "_f32", 0),
    /** Any number of rows, tiles of 128 by 128 (for f32 activations, of 64 by 64). */
    GEMM("gemm", "", 128),
    /** As {@link #GEMM} in tiles of 64 by 64. Not for f32 activations. */
    GEMM64("gemm64", "", 64),
    /** As {@link #GEMM64}, results in f32. Not for f32 activations. */
    GEMM_F32("gemm", "_f32", 64);

    private final String prefix;
    private final String suffix;
    private final int side;

    LinearKernel(String prefix, String suffix, int side) {
        this.prefix = prefix;
        this.suffix = suffix;
        this.side = side;
    }

    /** Name of the entry for a weight type and a compute type, such as {@code gemv_q4_k_bf16_f32}. */
    String entry(LinearWeight weight, String compute) {
        return prefix + "_" + weight.suffix() + "_" + compute + suffix;
    }

    /** Rows and outputs of a tile on tensor cores; 0 for the flat product. */
    int side() {
        return side;
    }

    boolean flat() {
        return side == 0;
    }
}
