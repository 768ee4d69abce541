package dev.pillion.kernels;

/**
 * The arrays that describe the tokens of a step to attention, filled anew for each step: segments are runs of
 * consecutive tokens of one sequence, groups are runs of segments whose sequences begin with the same KV blocks.
 *
 * @param positions position of each token in its sequence
 * @param segmentStart segment {@code s} holds the tokens from {@code segmentStart[s]} to {@code segmentStart[s + 1]}
 * @param blockStart where the block table of segment {@code s} begins in the step's block tables
 * @param groupStart group {@code g} holds the segments from {@code groupStart[g]} to {@code groupStart[g + 1]}
 * @param groupSharedBlocks leading blocks that the segments of a group have in common, all before their tokens
 * @param blockTokens tokens of a KV block, a power of two
 */
public record AttentionBatch(
        int[] positions,
        int[] segmentStart,
        int[] blockStart,
        int[] groupStart,
        int[] groupSharedBlocks,
        int blockTokens) {
    /** Checks the block size. */
    public AttentionBatch {
        if (blockTokens < AttentionGeometry.LEAST_BLOCK_TOKENS || Integer.bitCount(blockTokens) != 1) {
            throw new IllegalArgumentException("blockTokens is " + blockTokens + "; allowed: powers of two from "
                    + AttentionGeometry.LEAST_BLOCK_TOKENS);
        }
    }
}
