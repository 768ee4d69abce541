package dev.pillion.cpu;

import java.lang.foreign.MemorySegment;

/**
 * The arithmetic of the backend on plain arrays. Implementations are stateless.
 *
 * <p>Every method fixes the order in which each result is computed. The order depends on the shape of the weight or
 * head alone: never on the number of rows or tokens handed over, nor on which of several methods computes a result.
 */
interface Kernels {
    /** For the startup report, such as {@code scalar}. */
    String description();

    /** Tokens interleaved in a group of keys; see {@link KvTile}. */
    int keyLanes();

    // ---- Linear layers ----

    /** Decodes a row of a weight into floats, bit for bit as {@link CpuWeight#decodeRow}. */
    void widen(CpuWeight weight, int row, float[] out, int outOffset);

    /**
     * Products of {@code rows} packed rows, from {@code firstRow} on, with one token.
     *
     * @param x the token's inputs, padded with zeros to a multiple of {@link CpuTensor#ROW_ALIGNMENT}
     * @param scratch with {@link #directScratch} floats in its band
     * @param out receives the products from {@code outOffset} on
     */
    void multiplyPacked(
            CpuWeight weight, int firstRow, int rows, float[] x, int xOffset, LinearScratch scratch, float[] out,
            int outOffset);

    /** Most tokens for which {@link #multiplyPacked}, token by token, beats {@link #multiplyWidened}. */
    int mostDirectTokens(CpuWeight weight);

    /** Floats of scratch that {@link #multiplyPacked} needs for rows of {@code columns}. */
    int directScratch(int columns);

    /**
     * Products of widened rows with several tokens, the same bits as {@link #multiplyPacked}. That of row {@code r} and
     * token {@code t} goes to {@code out[outOffset + t * outStride + r]}.
     *
     * @param scratch whose band holds the rows, {@code stride} floats apart, padded with zeros
     * @param stride columns rounded up to a multiple of {@link CpuTensor#ROW_ALIGNMENT}; also how far tokens lie apart
     */
    void multiplyWidened(
            LinearScratch scratch, int rows, int stride, float[] x, int xOffset, int tokens, float[] out, int outOffset,
            int outStride);

    // ---- Rows ----

    /** Sum of the squares of {@code length} values. */
    float sumOfSquares(float[] x, int xOffset, int length);

    /** {@code out = x * factor * gain}; out may be x. */
    void scale(float[] x, int xOffset, float factor, float[] gain, float[] out, int outOffset, int length);

    /** {@code x += y}. */
    void add(float[] x, int xOffset, float[] y, int yOffset, int length);

    /**
     * {@code out = gate / (1 + exp(-gate)) * up}; out may be gate.
     *
     * @param length a multiple of {@link CpuTensor#ROW_ALIGNMENT}
     * @param block scratch whose length is also such a multiple
     */
    void siluTimes(
            float[] gate, int gateOffset, float[] up, int upOffset, float[] out, int outOffset, int length,
            float[] block);

    // ---- Attention, over one KvTile ----

    /**
     * Copies {@code count} floats of keys and as many of values, 4-byte aligned, each to {@code outOffset} on.
     *
     * @param count a multiple of {@link #keyLanes}
     */
    void copyFloats(
            MemorySegment from, long keyBytes, long valueBytes, float[] keys, float[] values, int outOffset, int count);

    /** Half-precision numbers, 2-byte aligned, to floats. */
    void halvesToFloats(MemorySegment halves, long byteOffset, float[] out, int outOffset, int count);

    /**
     * Dot products of {@code queries} queries with the keys at the places {@code from} to {@code to} of a tile, and
     * perhaps at others of the groups these lie in.
     *
     * @param q query {@code i} starts at {@code qOffsets[firstQuery + i]}
     * @param scores query {@code i}'s start at {@code i * KvTile.TOKENS}
     */
    void scores(
            float[] q, int[] qOffsets, int firstQuery, int queries, KvTile tile, int from, int to, float[] scores);

    /**
     * Replaces the scores of query {@code i} at the places {@code from[i]} to {@code to[i]} by
     * {@code exp(scale * score - largest)}, and writes the largest scaled score to {@code largest[i]} and the sum of the
     * exponentials to {@code sum[i]}. Places around them may be overwritten.
     *
     * @param scores query {@code i}'s start at {@code i * KvTile.TOKENS}
     */
    void exponentials(
            float[] scores, int queries, int[] from, int[] to, float scale, float[] largest, float[] sum);

    /**
     * {@code out += sum of scores[place] * value[place]}, places from {@code from} to {@code to} in ascending order,
     * for {@code queries} queries from {@code firstQuery} on. Query {@code i}'s scores start at
     * {@code i * KvTile.TOKENS}, its output at {@code i * outStride}.
     *
     * @param outStride head dimension rounded up to a multiple of {@link CpuTensor#ROW_ALIGNMENT}; padding is undefined
     */
    void addValues(
            float[] scores, int firstQuery, int queries, KvTile tile, int from, int to, float[] out, int outStride);

    /** {@code x = exp(x)}, each by itself; the length is a multiple of {@link CpuTensor#ROW_ALIGNMENT}. */
    void exp(float[] x);

    /** {@code into = into * intoFactor + from * fromFactor}. */
    void blend(
            float[] into, int intoOffset, float intoFactor, float[] from, int fromOffset, float fromFactor, int length);
}
