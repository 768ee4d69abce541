package dev.pillion.kernels;

import dev.pillion.kernels.driver.KernelLaunch;

/**
 * Which attention kernels serve a layer's shape, and their grid, block and shared memory; the heads of
 * {@code attention_tile16.cuh}, {@code attention_tile64.cuh}, {@code attention_any.cu} and {@code attention_merge.cu}
 * say the same.
 *
 * @param compute type of activations, keys and values as kernels' names have it: {@code f32}, {@code f16}, {@code bf16}
 * @param heads query heads
 * @param kvHeads key/value heads, which divides {@code heads}
 * @param headDim elements of a head, up to {@link #MOST_HEAD_DIM}
 */
public record AttentionGeometry(String compute, int heads, int kvHeads, int headDim) {
    /** Longest head that a kernel takes. */
    public static final int MOST_HEAD_DIM = 256;
    /** A KV block has this many tokens or a larger power of two. */
    public static final int LEAST_BLOCK_TOKENS = 8;

    private static final int THREADS = 128;
    private static final int MERGE_HEADS = 4;
    private static final int ANY_COLUMNS = 32;

    /** Checks the shape. */
    public AttentionGeometry {
        if (!compute.equals("f32") && !compute.equals("f16") && !compute.equals("bf16")) {
            throw new IllegalArgumentException("compute is " + compute + "; allowed: f32, f16, bf16");
        }
        if (kvHeads < 1 || heads < kvHeads || heads % kvHeads != 0) {
            throw new IllegalArgumentException(heads + " query heads do not share " + kvHeads + " key/value heads");
        }
        if (headDim < 1 || headDim > MOST_HEAD_DIM) {
            throw new IllegalArgumentException("headDim is " + headDim + "; allowed: 1 to " + MOST_HEAD_DIM);
        }
    }

    /** Query heads that read one key/value head: the rows of a token. */
    public int group() {
        return heads / kvHeads;
    }

    /** The kernel for decodes and other few rows. */
    public AttentionKernel small() {
        return tiled() ? AttentionKernel.TILE16 : AttentionKernel.ANY;
    }

    /** The kernel for many rows. */
    public AttentionKernel large() {
        return tiled() ? AttentionKernel.TILE64 : AttentionKernel.ANY;
    }

    private boolean tiled() {
        return !compute.equals("f32") && switch (headDim) {
            case 64, 80, 96, 128, 256 -> true;
            default -> false;
        };
    }

    /** Name of the module that holds {@link #small} and {@link #large}. */
    public String module() {
        return tiled() ? "attention_" + compute + "_d" + headDim : "attention_any_" + compute;
    }

    /** Name of a kernel's entry. */
    public String entry(AttentionKernel kernel) {
        return switch (kernel) {
            case TILE16 -> "attention_tile16_" + compute + "_d" + headDim;
            case TILE64 -> "attention_tile64_" + compute + "_d" + headDim;
            case ANY -> "attention_any_" + compute;
        };
    }

    /** Name of the merge's entry and of its module. */
    public String merge() {
        return "attention_merge_" + compute;
    }

    /**
     * Tokens that an item for a kernel has at most: as many as fill its rows, or one whose heads take several blocks.
     */
    public int mostTokens(AttentionKernel kernel) {
        return Math.max(1, kernel.rows() / group());
    }

    /** Thread blocks of an item, over all key/value heads. */
    public int blocksPerItem(AttentionKernel kernel) {
        return kvHeads * blocksPerKvHead(kernel);
    }

    private int blocksPerKvHead(AttentionKernel kernel) {
        return Math.ceilDiv(group(), kernel.rows());
    }

    /** Threads of a block. */
    public int threads() {
        return THREADS;
    }

    /** Dynamic shared memory of a block. Above 48 KiB it has to be allowed first. */
    public int sharedBytes(AttentionKernel kernel) {
        int rowBytes = 2 * headDim;
        return switch (kernel) {
            case TILE16 -> 16 * (headDim <= 64 ? 32 : 16) * rowBytes;
            case TILE64 -> headDim <= 128 ? 4 * 64 * rowBytes : 4 * 32 * rowBytes + 64 * rowBytes;
            case ANY -> Float.BYTES * (ANY_COLUMNS * (2 * headDim + 1) + kernel.rows() * headDim);
        };
    }

    /** Sets a launch's grid, block and shared memory for a number of items, 1 or more, and returns it. */
    public KernelLaunch set(KernelLaunch launch, AttentionKernel kernel, int items) {
        return launch.grid(items, kvHeads, blocksPerKvHead(kernel)).block(THREADS, 1, 1).shared(sharedBytes(kernel));
    }

    /** Sets the merge's grid, block and shared memory for a number of tokens, 1 or more, and returns it. */
    public KernelLaunch setMerge(KernelLaunch launch, int tokens) {
        return launch.grid(tokens, Math.ceilDiv(heads, MERGE_HEADS), 1).block(THREADS, 1, 1).shared(0);
    }
}
