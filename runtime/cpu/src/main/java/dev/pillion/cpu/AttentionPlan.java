package dev.pillion.cpu;

import dev.pillion.spi.AttentionSpec;
import dev.pillion.spi.StepBatch;
import java.util.Arrays;

/**
 * Cuts one layer's attention into work.
 *
 * <p>An <em>item</em> is some consecutive query tokens of one prefix group for one key/value head, over all tiles they
 * see. The more queries an item has, the fewer times a tile is loaded; items are as large as the threads' number
 * allows. Where they go round, each is one task, which merges its tiles as it goes. Where there are few (one long
 * decode), an item is cut into tasks of several tiles, whose partial results another pass merges, again tile by tile in
 * ascending order: the arithmetic is the same.
 */
final class AttentionPlan {
    /**
     * Most queries, counted per head, that share a loaded tile. Loading it costs as much as a few dozen queries over
     * it; with heads of 128 elements, running results and tile together take a quarter of an L2 cache.
     */
    private static final int MOST_QUERIES = 256;

    /** Where threads would be idle, items are made smaller down to this. */
    private static final int FEWEST_QUERIES = 64;

    private static final int TASKS_PER_THREAD = 4;

    int items;
    int[] group = new int[64];
    int[] kvHead = new int[64];
    int[] firstToken = new int[64];
    int[] endToken = new int[64];
    int[] firstTile = new int[64];
    int[] endTile = new int[64];
    /** Index of the item's first partial result, counted in (tile, query) pairs. */
    int[] firstPartial = new int[64];

    int tasks;
    int[] taskItem = new int[64];
    int[] taskFirstTile = new int[64];
    int[] taskEndTile = new int[64];

    /** Whether tasks leave partial results. */
    boolean split;
    /** Number of partial results. */
    int partials;

    /** Most queries of an item. */
    static int mostQueries(AttentionSpec spec) {
        return itemTokens(spec, MOST_QUERIES) * queriesPerToken(spec);
    }

    private static int itemTokens(AttentionSpec spec, int queries) {
        return Math.max(1, queries / queriesPerToken(spec));
    }

    /** Query heads that read one key/value head. */
    static int queriesPerToken(AttentionSpec spec) {
        return spec.heads() / spec.kvHeads();
    }

    /** Plans the present step. */
    void plan(StepBatch batch, AttentionSpec spec, int threads) {
        int queries = MOST_QUERIES;
        int tiles = cut(batch, spec, queries);
        while (queries > FEWEST_QUERIES && largestItem(spec) > FEWEST_QUERIES && !isBalanced(spec, threads)) {
            queries /= 2;
            tiles = cut(batch, spec, queries);
        }
        split = threads > 1 && tiles > items && !isBalanced(spec, threads);
        partials = 0;
        tasks = 0;
        int tilesPerTask = split ? Math.ceilDiv(tiles, TASKS_PER_THREAD * threads) : Integer.MAX_VALUE;
        for (int item = 0; item < items; item++) {
            addTasks(item, tilesPerTask);
            firstPartial[item] = partials;
            partials += (endTile[item] - firstTile[item]) * (endToken[item] - firstToken[item]) * queriesPerToken(spec);
        }
    }

    /** Makes items of at most {@code queries} and returns the number of tiles of all. */
    private int cut(StepBatch batch, AttentionSpec spec, int queries) {
        items = 0;
        int tiles = 0;
        int step = itemTokens(spec, queries);
        for (int g = batch.groupCount() - 1; g >= 0; g--) {
            int groupFirst = batch.segmentStart[batch.groupStart[g]];
            int groupEnd = batch.segmentStart[batch.groupStart[g + 1]];
            int lastItem = groupFirst + (groupEnd - 1 - groupFirst) / step * step;
            // Later queries see more: the longest items go first, so that no thread is left with one at the end.
            for (int token = lastItem; token >= groupFirst; token -= step) {
                for (int head = 0; head < spec.kvHeads(); head++) {
                    tiles += addItem(batch, spec, g, head, token, Math.min(groupEnd, token + step));
                }
            }
        }
        return tiles;
    }

    /**
     * Whether the threads get enough items, or as many large ones each: partial results of many queries cost more than
     * an uneven end.
     */
    private boolean isBalanced(AttentionSpec spec, int threads) {
        return items >= 2 * threads || items % threads == 0 && largestItem(spec) > FEWEST_QUERIES / 2;
    }

    private int largestItem(AttentionSpec spec) {
        int largest = 0;
        for (int item = 0; item < items; item++) {
            largest = Math.max(largest, (endToken[item] - firstToken[item]) * queriesPerToken(spec));
        }
        return largest;
    }

    private int addItem(StepBatch batch, AttentionSpec spec, int g, int head, int first, int end) {
        if (items == group.length) {
            growItems();
        }
        int lowest = Integer.MAX_VALUE;
        int highest = 0;
        for (int t = first; t < end; t++) {
            lowest = Math.min(lowest, CpuStep.firstVisible(batch.positions[t], spec));
            highest = Math.max(highest, batch.positions[t]);
        }
        group[items] = g;
        kvHead[items] = head;
        firstToken[items] = first;
        endToken[items] = end;
        firstTile[items] = lowest / KvTile.TOKENS;
        endTile[items] = highest / KvTile.TOKENS + 1;
        items++;
        return endTile[items - 1] - firstTile[items - 1];
    }

    private void addTasks(int item, int tilesPerTask) {
        int tile = firstTile[item];
        while (tile < endTile[item]) {
            if (tasks == taskItem.length) {
                growTasks();
            }
            int end = endTile[item] - tile > tilesPerTask ? tile + tilesPerTask : endTile[item];
            taskItem[tasks] = item;
            taskFirstTile[tasks] = tile;
            taskEndTile[tasks] = end;
            tasks++;
            tile = end;
        }
    }

    private void growItems() {
        int length = 2 * items;
        group = Arrays.copyOf(group, length);
        kvHead = Arrays.copyOf(kvHead, length);
        firstToken = Arrays.copyOf(firstToken, length);
        endToken = Arrays.copyOf(endToken, length);
        firstTile = Arrays.copyOf(firstTile, length);
        endTile = Arrays.copyOf(endTile, length);
        firstPartial = Arrays.copyOf(firstPartial, length);
    }

    private void growTasks() {
        int length = 2 * tasks;
        taskItem = Arrays.copyOf(taskItem, length);
        taskFirstTile = Arrays.copyOf(taskFirstTile, length);
        taskEndTile = Arrays.copyOf(taskEndTile, length);
    }
}
