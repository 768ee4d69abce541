package dev.pillion.kernels;

import java.util.List;

/**
 * A matrix of a known model: what benchmarks of the linear kernels run on, and the bytes and operations that none can do
 * without. Time is at least {@code bytes / bandwidth} and at least {@code flops / rate}.
 *
 * @param name which matrix it is
 * @param outputs its rows
 * @param columns its columns
 */
public record LinearShape(String name, int outputs, int columns) {
    /** Llama 3.1 8B: 32 layers; query and key/value heads 32 and 8 of 128. */
    public static final List<LinearShape> LLAMA_8B = List.of(
            new LinearShape("8B query or attention output", 4096, 4096),
            new LinearShape("8B key or value", 1024, 4096),
            new LinearShape("8B gate or up", 14336, 4096),
            new LinearShape("8B down", 4096, 14336),
            new LinearShape("8B logits", 128256, 4096));

    /** Llama 3.2 1B: 16 layers; query and key/value heads 32 and 8 of 64. */
    public static final List<LinearShape> LLAMA_1B = List.of(
            new LinearShape("1B query or attention output", 2048, 2048),
            new LinearShape("1B key or value", 512, 2048),
            new LinearShape("1B gate or up", 8192, 2048),
            new LinearShape("1B down", 2048, 8192),
            new LinearShape("1B logits", 128256, 2048));

    /** Rows worth measuring: decode at batch 1 to 16, larger batches, prefill chunks. */
    public static final List<Integer> ROWS = List.of(1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 2048);

    /** Multiplications and additions for so many rows. */
    public long flops(int rows) {
        return 2L * rows * outputs * columns;
    }

    /**
     * Bytes that must be moved: the weights once, the activations in and out.
     *
     * @param activationBytes bytes of an activation, 2 or 4
     */
    public long bytes(LinearWeight weight, int activationBytes, int rows) {
        return weight.bytes(outputs, columns) + (long) rows * (outputs + columns) * activationBytes;
    }

    /** FLOPs per byte: which of bandwidth and arithmetic bounds the kernel. */
    public double intensity(LinearWeight weight, int activationBytes, int rows) {
        return (double) flops(rows) / bytes(weight, activationBytes, rows);
    }
}
