package dev.pillion.cpu;

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
            long keyPlane = cache.keyPlane(block, layer, kvHead);
            long valuePlane = cache.valuePlane(block, layer, kvHead);
            if (cache.keyLanes == lanes) {
                copyGroups(cache, keyPlane, valuePlane, token, position % TOKENS, count, kernels);
            } else {
                copyTokens(cache, keyPlane, valuePlane, token, position % TOKENS, count);
            }
            position = end;
        }
    }

    /** Whole groups, of which some tokens may lie outside the range asked for. */
    private void copyGroups(
            CpuKvPool cache, long keyPlane, long valuePlane, int token, int place, int count, Kernels kernels) {
        int before = token % lanes;
        int floats = Math.ceilDiv(before + count, lanes) * lanes * headDim;
        long skipped = (long) (token - before) * headDim * cache.elementBytes();
        int start = (place - before) * headDim;
        if (cache.isHalf()) {
            kernels.halvesToFloats(cache.data, keyPlane + skipped, keys, start, floats);
            kernels.halvesToFloats(cache.data, valuePlane + skipped, values, start, floats);
        } else {
            kernels.copyFloats(cache.data, keyPlane + skipped, valuePlane + skipped, keys, values, start, floats);
        }
    }

    /** Blocks that are not whole groups keep their keys token by token. */
    private void copyTokens(CpuKvPool cache, long keyPlane, long valuePlane, int token, int place, int count) {
        for (int i = 0; i < count; i++) {
            int start = (place + i) / lanes * lanes * headDim + (place + i) % lanes;
            for (int d = 0; d < headDim; d++) {
                int index = (token + i) * headDim + d;
                keys[start + d * lanes] = element(cache, keyPlane, index);
                values[(place + i) * headDim + d] = element(cache, valuePlane, index);
            }
        }
    }

    private static float element(CpuKvPool cache, long plane, int index) {
        return cache.isHalf()
                ? Float.float16ToFloat(cache.data.get(ValueLayout.JAVA_SHORT, plane + 2L * index))
                : cache.data.get(ValueLayout.JAVA_FLOAT, plane + 4L * index);
    }
}
