package dev.pillion.kernels;

/**
 * The query tiles of a step for one kernel: tokens whose heads fill the rows of one thread block, and the positions
 * that they read. Nothing is allocated after construction.
 */
final class AttentionTiles {
    /** Where a tile may be cut: multiples of this many positions, the most that a kernel loads at a time. */
    static final int CUT = 64;

    final int[] firstToken;
    final int[] tokenCount;
    final int[] blockOffset;
    final int[] kvStart;
    final int[] kvEnd;
    /**
     * Whether a token of the tile is in another tile too, so that the results have to be merged even if nothing is
     * cut.
     */
    final boolean[] overlapped;

    int count;
    /** Positions of the longest tile, and of all together, counted from the place where it may be cut. */
    int longest;

    long total;

    AttentionTiles(int capacity) {
        firstToken = new int[capacity];
        tokenCount = new int[capacity];
        blockOffset = new int[capacity];
        kvStart = new int[capacity];
        kvEnd = new int[capacity];
        overlapped = new boolean[capacity];
    }

    void clear() {
        count = 0;
        longest = 0;
        total = 0;
    }

    /** Adds a tile, or counts one that there is no room for. */
    void add(int first, int tokens, int offset, int start, int end) {
        if (count < firstToken.length) {
            firstToken[count] = first;
            tokenCount[count] = tokens;
            blockOffset[count] = offset;
            kvStart[count] = start;
            kvEnd[count] = end;
            longest = Math.max(longest, span(count));
            total += span(count);
        }
        count++;
    }

    int capacity() {
        return firstToken.length;
    }

    boolean overflows() {
        return count > capacity();
    }

    /** Adds one to the tiles of each token. */
    void countCovers(int[] covers) {
        for (int i = 0; i < count; i++) {
            for (int t = firstToken[i]; t < firstToken[i] + tokenCount[i]; t++) {
                covers[t]++;
            }
        }
    }

    void findOverlaps(int[] covers) {
        for (int i = 0; i < count; i++) {
            int end = firstToken[i] + tokenCount[i];
            int t = firstToken[i];
            while (t < end && covers[t] == 1) {
                t++;
            }
            overlapped[i] = t < end;
        }
    }

    /** Pieces that a tile makes if none is longer than {@code chunk}, a multiple of {@link #CUT}. */
    int pieces(int tile, int chunk) {
        return Math.ceilDiv(span(tile), pieceLength(tile, chunk));
    }

    /** Length of a tile's pieces, all but the last the same, which is a multiple of {@link #CUT}. */
    int pieceLength(int tile, int chunk) {
        int pieces = Math.ceilDiv(span(tile), chunk);
        return Math.ceilDiv(Math.ceilDiv(span(tile), pieces), CUT) * CUT;
    }

    /** Where a tile's first piece would begin if that were a place to cut. */
    int origin(int tile) {
        return kvStart[tile] & -CUT;
    }

    /** Pieces of all tiles. Never more for a larger chunk. */
    long pieces(int chunk) {
        long sum = 0;
        for (int i = 0; i < count; i++) {
            sum += Math.ceilDiv(span(i), chunk);
        }
        return sum;
    }

    /** Partial results that all tiles leave, one per token and piece, at most. Never more for a larger chunk. */
    long partials(int chunk) {
        long sum = 0;
        for (int i = 0; i < count; i++) {
            int pieces = Math.ceilDiv(span(i), chunk);
            sum += pieces > 1 || overlapped[i] ? (long) pieces * tokenCount[i] : 0;
        }
        return sum;
    }

    private int span(int tile) {
        return kvEnd[tile] - origin(tile);
    }
}
