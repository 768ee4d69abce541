package dev.pillion.cpu;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Keys and values of one head at {@link #TOKENS} consecutive positions, as floats: the unit of attention. Tiles start
 * at multiples of their length in the sequence, whatever the size of a KV block is, so that the arithmetic of a query
 * does not depend on the block size either.
 *
 * <p>Whoever attends first loads the blocks it needs; places not loaded hold older numbers and are not used. The copy
 * costs little beside reading the blocks from memory, and gives kernels one layout for all element types and block
 * sizes.
 */
final class KvTile {
    /** Positions of a tile. With heads of 128 elements keys and values take 128 KiB, a fraction of an L2 cache. */
    static final int TOKENS = 128;

    /** Groups of {@link #lanes} positions, each {@code [headDim][lanes]}. */
    final float[] keys;
    /** {@code [position][headDim]}, and room for one vector beyond. */
    final float[] values;
    /** Elements of a head. */
    final int headDim;
    /** Positions of a group of keys. */
    final int lanes;

    KvTile(int headDim, int lanes) {
        this.headDim = headDim;
        this.lanes = lanes;
        this.keys = new float[TOKENS * headDim];
        this.values = new float[TOKENS * headDim + CpuTensor.ROW_ALIGNMENT];
    }

    /**
     * Loads positions {@code from} to {@code to} of a sequence, all within one tile.
     *
     * @param table block table of a step
     * @param tableStart index in {@code table} of the sequence's first block
     */
    void load(CpuKvPool cache, int layer, int kvHead, int[] table, int tableStart, int from, int to, Kernels kernels) {
        int blockTokens = cache.layout().blockTokens();
        for (int position = from; position < to; ) {
            int ordinal = position / blockTokens;
            int blockStart = ordinal * blockTokens;
            int end = Math.min(to, blockStart + blockTokens);
            int block = table[tableStart + ordinal];
            int token = position - blockStart;
            int count = end - position;
            loadKeys(cache, cache.keyPlane(block, layer, kvHead), position, count, token, kernels);
            copy(cache, cache.valuePlane(block, layer, kvHead), token * headDim, values, position % TOKENS * headDim,
                    count * headDim, kernels);
            position = end;
        }
    }

    private void loadKeys(CpuKvPool cache, long plane, int position, int count, int token, Kernels kernels) {
        if (cache.keyLanes == lanes) {
            int before = token % lanes;
            int whole = Math.ceilDiv(before + count, lanes) * lanes;
            int start = (position - before) % TOKENS * headDim;
            copy(cache, plane, (token - before) * headDim, keys, start, whole * headDim, kernels);
        } else {
            interleave(cache, plane, position, count, token);
        }
    }

    /** Blocks that are not whole groups are stored token by token. */
    private void interleave(CpuKvPool cache, long plane, int position, int count, int token) {
        for (int i = 0; i < count; i++) {
            int place = (position + i) % TOKENS;
            int start = place / lanes * lanes * headDim + place % lanes;
            for (int d = 0; d < headDim; d++) {
                int index = (token + i) * headDim + d;
                keys[start + d * lanes] = cache.isHalf()
                        ? Float.float16ToFloat(cache.data.get(ValueLayout.JAVA_SHORT, plane + 2L * index))
                        : cache.data.get(ValueLayout.JAVA_FLOAT, plane + 4L * index);
            }
        }
    }

    private static void copy(
            CpuKvPool cache, long plane, int index, float[] out, int outOffset, int count, Kernels kernels) {
        long offset = plane + (long) index * cache.elementBytes();
        if (cache.isHalf()) {
            kernels.halvesToFloats(cache.data, offset, out, outOffset, count);
        } else {
            MemorySegment.copy(cache.data, ValueLayout.JAVA_FLOAT, offset, out, outOffset, count);
        }
    }
}
