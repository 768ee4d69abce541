package dev.pillion.cpu;

import java.util.Arrays;

/** One thread's memory for attention: a tile, and the running results of an item's queries. */
final class AttentionScratch {
    /** Queries that a kernel treats at once. */
    static final int QUERIES_AT_ONCE = 4;

    final KvTile tile;
    /** Output floats of a query: the head dimension, padded. */
    final int outStride;

    /** Scores of the queries treated at once, {@code [query][KvTile.TOKENS]}. */
    final float[] scores = new float[QUERIES_AT_ONCE * KvTile.TOKENS];
    /** Their weighted values over the tile, {@code [query][outStride]}. */
    final float[] tileOut;
    /** Where each of them starts in q. */
    final int[] qOffsets = new int[QUERIES_AT_ONCE];
    /** First place each of them sees in the tile. */
    final int[] from = new int[QUERIES_AT_ONCE];
    /** End of the places each of them sees in the tile. */
    final int[] to = new int[QUERIES_AT_ONCE];
    /** Their numbers within the item. */
    final int[] query = new int[QUERIES_AT_ONCE];
    /** Their largest scores in the tile. */
    final float[] tileLargest = new float[QUERIES_AT_ONCE];
    /** Their sums of exponentials over the tile, relative to the largest score. */
    final float[] tileSum = new float[QUERIES_AT_ONCE];
    /** By what a merge multiplies the running results, then by what the tile's. */
    private final float[] factors = new float[CpuTensor.paddedColumns(2 * QUERIES_AT_ONCE)];

    /** Merged weighted values, {@code [query of the item][outStride]}. */
    final float[] out;
    /** Largest score so far. */
    final float[] largest;
    /** Sum of exponentials so far, relative to the largest. */
    final float[] sum;

    AttentionScratch(int headDim, int keyLanes, int itemQueries) {
        tile = new KvTile(headDim, keyLanes);
        outStride = CpuTensor.paddedColumns(headDim);
        tileOut = new float[QUERIES_AT_ONCE * outStride];
        out = new float[itemQueries * outStride];
        largest = new float[itemQueries];
        sum = new float[itemQueries];
    }

    boolean fits(int headDim, int itemQueries) {
        return tile.headDim == headDim && largest.length >= itemQueries;
    }

    /** Forgets the running results of the first {@code queries} queries. */
    void reset(int queries) {
        Arrays.fill(out, 0, queries * outStride, 0);
        Arrays.fill(largest, 0, queries, Float.NEGATIVE_INFINITY);
        Arrays.fill(sum, 0, queries, 0);
    }

    /**
     * Merges a tile's results for the queries treated at once into their running ones: both are brought to the larger of
     * the two largest scores (Milakov and Gimelshein, "Online normalizer calculation for softmax"). A tile whose every
     * score is minus infinity has no weight.
     *
     * @param tileValues weighted values, those of query {@code i} from {@code tileStart + i * outStride} on
     */
    void merge(int queries, float[] tileValues, int tileStart, Kernels kernels) {
        for (int i = 0; i < queries; i++) {
            float both = Math.max(largest[query[i]], tileLargest[i]);
            factors[i] = largest[query[i]] - both;
            factors[QUERIES_AT_ONCE + i] = tileLargest[i] - both;
        }
        kernels.exp(factors);
        for (int i = 0; i < queries; i++) {
            if (tileSum[i] != 0) {
                float before = factors[i];
                float now = factors[QUERIES_AT_ONCE + i];
                int q = query[i];
                kernels.blend(out, q * outStride, before, tileValues, tileStart + i * outStride, now, outStride);
                sum[q] = sum[q] * before + tileSum[i] * now;
                largest[q] = Math.max(largest[q], tileLargest[i]);
            }
        }
    }

    /** Writes a query's final output. */
    void finish(int q, float[] target, int targetStart) {
        for (int d = 0; d < tile.headDim; d++) {
            target[targetStart + d] = out[q * outStride + d] / sum[q];
        }
    }
}
