package dev.pillion.benchmarks.gpu;

import dev.pillion.kernels.AttentionBatch;
import dev.pillion.kernels.AttentionGeometry;
import java.util.SplittableRandom;

/**
 * The attention of a step in which all sequences are alike: each has {@code tokens} new tokens at the end of
 * {@code context} tokens, of which the first {@code shared} are the same for all.
 *
 * @param geometry heads
 * @param sequences how many
 * @param context tokens of each, the new ones included
 * @param tokens new tokens of each
 * @param shared leading tokens that all have in common, a multiple of {@link #BLOCK_TOKENS}
 */
record AttentionLoad(AttentionGeometry geometry, int sequences, int context, int tokens, int shared) {
    /** Tokens of a KV block. */
    static final int BLOCK_TOKENS = 16;

    private static final long SEED = 7;

    /** New tokens of all sequences. */
    int queries() {
        return sequences * tokens;
    }

    private int blocksEach() {
        return Math.ceilDiv(context, BLOCK_TOKENS);
    }

    private int sharedBlocks() {
        return shared / BLOCK_TOKENS;
    }

    /** Blocks that hold the keys and values of all sequences. */
    int blocks() {
        return sharedBlocks() + sequences * (blocksEach() - sharedBlocks());
    }

    /** Elements of a block in one layer. */
    long blockElements() {
        return 2L * geometry.kvHeads() * BLOCK_TOKENS * geometry.headDim();
    }

    int elementBytes() {
        return geometry.compute().equals("f32") ? 4 : 2;
    }

    /** Bytes of the queries; as many are written. */
    long queryBytes() {
        return (long) queries() * geometry.heads() * geometry.headDim() * elementBytes();
    }

    /** Keys and values that some token sees, each read once, and four FLOPs per visible position, head and element. */
    Work work() {
        long positions = shared + (long) sequences * (context - shared);
        long kvBytes = positions * 2 * geometry.kvHeads() * geometry.headDim() * elementBytes();
        long visible = 0;
        for (int t = 0; t < tokens; t++) {
            visible += context - tokens + t + 1;
        }
        return new Work(
                queryBytes() + kvBytes, queryBytes(), 4L * geometry.heads() * geometry.headDim() * visible * sequences);
    }

    /** The arrays the planner takes. All sequences are one group if they share something, else a group each. */
    AttentionBatch batch() {
        int[] positions = new int[queries()];
        int[] segmentStart = new int[sequences + 1];
        int[] blockStart = new int[sequences + 1];
        for (int s = 0; s < sequences; s++) {
            segmentStart[s + 1] = segmentStart[s] + tokens;
            blockStart[s + 1] = blockStart[s] + blocksEach();
            for (int t = 0; t < tokens; t++) {
                positions[s * tokens + t] = context - tokens + t;
            }
        }
        int[] groupStart = new int[groups() + 1];
        int[] groupShared = new int[groups()];
        for (int g = 0; g < groups(); g++) {
            groupStart[g + 1] = shared > 0 ? sequences : g + 1;
            groupShared[g] = sharedBlocks();
        }
        return new AttentionBatch(positions, segmentStart, blockStart, groupStart, groupShared, BLOCK_TOKENS);
    }

    /** Prefix groups of {@link #batch}. */
    int groups() {
        return shared > 0 ? 1 : sequences;
    }

    /** The sequences' block tables one after the other; blocks lie in the pool in random order. */
    int[] tables() {
        int[] order = new int[blocks()];
        SplittableRandom random = new SplittableRandom(SEED);
        for (int i = 0; i < order.length; i++) {
            int j = random.nextInt(i + 1);
            order[i] = order[j];
            order[j] = i;
        }
        int[] tables = new int[sequences * blocksEach()];
        int own = sharedBlocks();
        for (int i = 0; i < tables.length; i++) {
            tables[i] = order[i % blocksEach() < sharedBlocks() ? i % blocksEach() : own++];
        }
        return tables;
    }

    /** What there is to read about it. */
    String describe() {
        String kind = tokens == 1 ? "decode" : tokens == context ? "prompt of " + tokens : "chunk of " + tokens;
        String prefix = shared > 0 ? ", " + shared + " shared" : "";
        return geometry.heads() + " and " + geometry.kvHeads() + " heads of " + geometry.headDim() + ", " + kind + ", batch "
                + sequences + ", context " + context + prefix;
    }
}
