package dev.pillion.kernels;

import java.util.Arrays;
import java.util.Locale;

/**
 * A weight type of the linear kernels: how long its blocks are, and how the kernels cut it up ({@code staged.cuh},
 * {@code packed_group.cuh}).
 */
public enum LinearWeight {
    /** Single precision. */
    F32(1, 4, 32, 128, 0, 8, false),
    /** Half precision. */
    F16(1, 2, 64, 128, 0, 4, false),
    /** Brain float. */
    BF16(1, 2, 64, 128, 0, 4, false),
    /** Eight bits, blocks of 32. */
    Q8_0(32, 34, 128, 128, 3, 2, true),
    /** Four bits, blocks of 32. */
    Q4_0(32, 18, 256, 128, 5, 1, true),
    /** Four bits with scales and minima, blocks of 256. */
    Q4_K(256, 144, 256, 144, 0, 3, false),
    /** Five bits with scales and minima, blocks of 256. */
    Q5_K(256, 176, 256, 176, 0, 5, false),
    /** Six bits with scales, blocks of 256. */
    Q6_K(256, 210, 256, 208, 1, 5, true);

    private static final int SCALE_BYTES = 2;

    private final int blockElements;
    private final int blockBytes;
    private final int stageColumns;
    private final int stageRowBytes;
    private final int stageScaleWords;
    private final int groupVectors;
    private final boolean scaled;

    LinearWeight(int blockElements, int blockBytes, int stageColumns, int stageRowBytes, int stageScaleWords,
            int groupVectors, boolean scaled) {
        this.blockElements = blockElements;
        this.blockBytes = blockBytes;
        this.stageColumns = stageColumns;
        this.stageRowBytes = stageRowBytes;
        this.stageScaleWords = stageScaleWords;
        this.groupVectors = groupVectors;
        this.scaled = scaled;
    }

    /**
     * The type with a name as kernels have it, such as {@code q4_k}.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static LinearWeight of(String suffix) {
        return Arrays.stream(values())
                .filter(weight -> weight.suffix().equals(suffix))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no linear kernels for weights in " + suffix
                        + "; there are some for " + Arrays.toString(values())));
    }

    /** The name that kernels are called by. */
    public String suffix() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Bytes of a matrix, scale plane included. {@code columns} is a multiple of the block's elements. */
    public long bytes(long outputs, int columns) {
        return outputs * (columns / blockElements) * blockBytes;
    }

    /** Bytes of a matrix's scale plane, one half per block; 0 for types whose scales, if any, lie among the numbers. */
    public long scaleBytes(long outputs, int columns) {
        return scaled ? outputs * (columns / blockElements) * SCALE_BYTES : 0;
    }

    /** Elements that share a block. */
    public int blockElements() {
        return blockElements;
    }

    /** Columns of a stage of the flat product. */
    int stageColumns() {
        return stageColumns;
    }

    /** Bytes that a stage of the flat product keeps per output: numbers and scale words. */
    int stageBytesPerOutput() {
        return stageRowBytes + 4 * stageScaleWords;
    }

    /** Stages that a warp of the flat product keeps. */
    int stages(int rows) {
        return blockElements == 1 ? 4 : rows <= LinearGeometry.NARROW_ROWS ? 3 : 2;
    }

    /** Bytes that the tiled product keeps of 32 packed columns of an output. */
    int groupBytes() {
        return 16 * groupVectors + (scaled ? 4 : 0);
    }
}
