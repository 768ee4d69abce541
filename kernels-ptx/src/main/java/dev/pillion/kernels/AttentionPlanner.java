package dev.pillion.kernels;

import java.util.Arrays;

/**
 * Cuts the attention of a step into work items for the attention kernels.
 *
 * <p>The queries are cut into tiles, as many tokens as fill the rows of a thread block. Segments of a prefix group with
 * less than a tile each are tiled together over the positions they share, so that those keys and values are read once
 * (Hydragen, section 3.2), and each by itself over the rest. A tile's positions may then be cut into pieces: if the
 * tiles leave multiprocessors idle, the smallest chunk is searched for which all pieces still run at once (FlashInfer,
 * section 3.3); if there are more tiles than run at once, only those longer than a multiprocessor's fair share are
 * cut, so that the device does not wait for one long sequence at the end. No piece is shorter than
 * {@value #LEAST_CHUNK} positions without need, and nothing is cut for less than a quarter of the time.
 *
 * <p>A token with one item gets its result from it. Every other token's items leave partial results in slots, which the
 * merge kernel combines.
 *
 * <p>Same step, same plan; nothing is allocated after construction. Not thread-safe.
 */
public final class AttentionPlanner {
    /** Positions that are worth a thread block of their own. */
    public static final int LEAST_CHUNK = 128;

    private final AttentionGeometry geometry;
    private final Limits limits;
    private final int smallWave;
    private final int largeWave;
    private final AttentionTiles smallTiles;
    private final AttentionTiles largeTiles;
    private final AttentionItems small;
    private final AttentionItems large;
    private final int[] covers;
    private final int[] partialStart;
    private final int[] partialSlots;
    private int partials;
    private int window;

    /**
     * What the largest step may take.
     *
     * @param tokens tokens
     * @param smallItems items of {@link AttentionGeometry#small}
     * @param largeItems items of {@link AttentionGeometry#large}
     * @param partials partial results, one per token and item that leaves them
     */
    public record Limits(int tokens, int smallItems, int largeItems, int partials) {}

    /**
     * Allocates a planner.
     *
     * @param geometry shape of the layers
     * @param limits what the largest step may take
     * @param smallBlocks thread blocks of {@link AttentionGeometry#small} that the device runs at once
     * @param largeBlocks thread blocks of {@link AttentionGeometry#large} that the device runs at once
     */
    public AttentionPlanner(AttentionGeometry geometry, Limits limits, int smallBlocks, int largeBlocks) {
        this.geometry = geometry;
        this.limits = limits;
        smallWave = Math.max(1, smallBlocks / geometry.blocksPerItem(geometry.small()));
        largeWave = Math.max(1, largeBlocks / geometry.blocksPerItem(geometry.large()));
        smallTiles = new AttentionTiles(limits.smallItems());
        largeTiles = new AttentionTiles(limits.largeItems());
        small = new AttentionItems(limits.smallItems());
        large = new AttentionItems(limits.largeItems());
        covers = new int[limits.tokens()];
        partialStart = new int[limits.tokens() + 1];
        partialSlots = new int[limits.partials()];
    }

    /** Items for {@link AttentionGeometry#small}. */
    public AttentionItems small() {
        return small;
    }

    /** Items for {@link AttentionGeometry#large}; none where both kernels are the same. */
    public AttentionItems large() {
        return large;
    }

    /**
     * Token {@code t} merges the slots {@code partialSlots()[partialStart()[t]]} to
     * {@code partialSlots()[partialStart()[t + 1]]}, none if its result is final. Filled for as many tokens as the
     * limits have; the same array for every step.
     */
    public int[] partialStart() {
        return partialStart;
    }

    /** Slots of partial results, token by token; the same array for every step. */
    public int[] partialSlots() {
        return partialSlots;
    }

    /** Slots of partial results that are used; 0 if there is nothing to merge. */
    public int partials() {
        return partials;
    }

    /**
     * Plans a step.
     *
     * @param batch the step
     * @param groupCount its prefix groups
     * @param windowTokens a query sees this many positions up to and including its own; {@code Integer.MAX_VALUE} for
     *     all
     * @throws IllegalStateException if the step needs more items than the limits allow
     */
    public void plan(AttentionBatch batch, int groupCount, int windowTokens) {
        window = windowTokens;
        int tokens = batch.segmentStart()[batch.groupStart()[groupCount]];
        if (tokens > limits.tokens()) {
            throw new IllegalStateException("the step has " + tokens + " tokens; room for " + limits.tokens());
        }
        if (!tile(batch, groupCount, tokens, true) && !tile(batch, groupCount, tokens, false)) {
            throw new IllegalStateException("attention of the step needs " + smallTiles.count + " small and "
                    + largeTiles.count + " large items; room for " + limits.smallItems() + " and "
                    + limits.largeItems());
        }
        long room = limits.partials() - largeTiles.partials(Integer.MAX_VALUE);
        int smallChunk = chunk(smallTiles, smallWave, room);
        int largeChunk = chunk(largeTiles, largeWave, limits.partials() - smallTiles.partials(smallChunk));
        partials = 0;
        Arrays.fill(partialStart, 0);
        emit(smallTiles, smallChunk, small);
        emit(largeTiles, largeChunk, large);
        listPartials();
        small.order();
        large.order();
    }

    /** Makes the tiles of the step; false if there are too many of them, or of the partial results they leave uncut. */
    private boolean tile(AttentionBatch batch, int groupCount, int tokens, boolean share) {
        smallTiles.clear();
        largeTiles.clear();
        for (int g = 0; g < groupCount; g++) {
            tileGroup(batch, g, share ? batch.groupSharedBlocks()[g] * batch.blockTokens() : 0);
        }
        if (smallTiles.overflows() || largeTiles.overflows()) {
            return false;
        }
        Arrays.fill(covers, 0, tokens, 0);
        smallTiles.countCovers(covers);
        largeTiles.countCovers(covers);
        smallTiles.findOverlaps(covers);
        largeTiles.findOverlaps(covers);
        return smallTiles.partials(Integer.MAX_VALUE) + largeTiles.partials(Integer.MAX_VALUE) <= limits.partials();
    }

    private void tileGroup(AttentionBatch batch, int group, int shared) {
        int end = batch.groupStart()[group + 1];
        for (int segment = batch.groupStart()[group]; segment < end; ) {
            int next = segment;
            while (shared > 0 && next < end && isSharer(batch, next)) {
                next++;
            }
            int prefix = next - segment > 1 ? shared : 0;
            next = Math.max(next, segment + 1);
            if (prefix > 0) {
                tileTokens(batch, segment, next, 0, prefix);
            }
            for (; segment < next; segment++) {
                tileTokens(batch, segment, segment + 1, prefix, Integer.MAX_VALUE);
            }
        }
    }

    /** A segment that fills tiles by itself reads the prefix once for each of them in any company. */
    private boolean isSharer(AttentionBatch batch, int segment) {
        int tokens = batch.segmentStart()[segment + 1] - batch.segmentStart()[segment];
        return tokens * geometry.group() < geometry.large().rows();
    }

    /**
     * Tiles the tokens of some segments, which read the positions from {@code from} to {@code to} through one table.
     */
    private void tileTokens(AttentionBatch batch, int segment, int segmentEnd, int from, int to) {
        int first = batch.segmentStart()[segment];
        int end = batch.segmentStart()[segmentEnd];
        boolean few = end - first == 1 || (end - first) * geometry.group() <= geometry.small().rows()
                || geometry.small() == geometry.large();
        AttentionTiles tiles = few ? smallTiles : largeTiles;
        int step = geometry.mostTokens(few ? geometry.small() : geometry.large());
        for (int token = first; token < end; token += step) {
            int tokenEnd = Math.min(end, token + step);
            int lowest = Integer.MAX_VALUE;
            int highest = 0;
            for (int t = token; t < tokenEnd; t++) {
                lowest = Math.min(lowest, batch.positions()[t]);
                highest = Math.max(highest, batch.positions()[t]);
            }
            int kvStart = Math.max(from, lowest - window + 1);
            int kvEnd = Math.min(to, highest + 1);
            if (kvStart < kvEnd) {
                tiles.add(token, tokenEnd - token, batch.blockStart()[segment], kvStart, kvEnd);
            }
        }
    }

    /** The most positions of a piece. */
    private static int chunk(AttentionTiles tiles, int wave, long partialRoom) {
        int uncut = Math.ceilDiv(tiles.longest, AttentionTiles.CUT) * AttentionTiles.CUT;
        boolean oneWave = tiles.count <= wave;
        long mostPieces = oneWave ? Math.min(wave, tiles.capacity()) : tiles.capacity();
        long fairShare = oneWave ? 0 : Math.ceilDiv(tiles.total, (long) wave);
        int low = (int) Math.max(LEAST_CHUNK, Math.ceilDiv(fairShare, (long) AttentionTiles.CUT) * AttentionTiles.CUT)
                / AttentionTiles.CUT;
        int high = Math.max(low, uncut / AttentionTiles.CUT);
        while (low < high) {
            int middle = (low + high) >>> 1;
            int chunk = middle * AttentionTiles.CUT;
            if (tiles.pieces(chunk) <= mostPieces && tiles.partials(chunk) <= partialRoom) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        int chunk = high * AttentionTiles.CUT;
        return 4L * chunk > 3L * uncut ? Math.max(LEAST_CHUNK, uncut) : chunk;
    }

    /** Makes items of the tiles' pieces and counts in {@link #partialStart} what each token has to merge. */
    private void emit(AttentionTiles tiles, int chunk, AttentionItems items) {
        items.clear();
        for (int i = 0; i < tiles.count; i++) {
            int pieces = tiles.pieces(i, chunk);
            int length = tiles.pieceLength(i, chunk);
            boolean partial = pieces > 1 || tiles.overlapped[i];
            for (int piece = 0; piece < pieces; piece++) {
                int start = tiles.origin(i) + piece * length;
                items.add(tiles.firstToken[i], tiles.tokenCount[i], tiles.blockOffset[i],
                        Math.max(tiles.kvStart[i], start), Math.min(tiles.kvEnd[i], start + length),
                        partial ? partials : -1, window);
                partials += partial ? tiles.tokenCount[i] : 0;
            }
            for (int t = tiles.firstToken[i]; partial && t < tiles.firstToken[i] + tiles.tokenCount[i]; t++) {
                partialStart[t + 1] += pieces;
            }
        }
    }

    /** Turns the counts into starts and lists each token's slots. */
    private void listPartials() {
        for (int t = 0; t < limits.tokens(); t++) {
            partialStart[t + 1] += partialStart[t];
        }
        Arrays.fill(covers, 0);
        small.listPartials(partialStart, partialSlots, covers);
        large.listPartials(partialStart, partialSlots, covers);
    }
}
