package dev.pillion.cpu;

import dev.pillion.spi.AttentionSpec;
import dev.pillion.spi.KvPool;
import dev.pillion.spi.StepBatch;

/** The step under way: its batch and cache, checked, and what follows from them. */
final class CpuStep {
    private final StepBatch batch;
    private final CpuKvPool cache;
    /** Segment of each token. */
    private final int[] segments;
    private int largestPosition;

    CpuStep(StepBatch batch, CpuKvPool cache) {
        this.batch = batch;
        this.cache = cache;
        this.segments = new int[batch.tokens.length];
    }

    /** Whether this object was made for this batch and cache, which an engine uses again and again. */
    boolean isFor(StepBatch otherBatch, CpuKvPool otherCache) {
        return batch == otherBatch && cache == otherCache;
    }

    /** Looks at the batch's present contents. */
    void read() {
        if (cache.tier() != KvPool.Tier.DEVICE) {
            throw new IllegalArgumentException("a step needs a cache of tier DEVICE, not " + cache.tier());
        }
        if (batch.blockTokens() != cache.layout().blockTokens()) {
            throw new IllegalArgumentException("the batch counts " + batch.blockTokens() + " tokens a block, the cache "
                    + cache.layout().blockTokens());
        }
        largestPosition = -1;
        for (int s = 0; s < batch.segmentCount(); s++) {
            if (batch.segmentStart[s] == batch.segmentStart[s + 1]) {
                throw new IllegalArgumentException("segment " + s + " has no tokens");
            }
            int last = batch.positions[batch.segmentStart[s + 1] - 1];
            for (int t = batch.segmentStart[s]; t < batch.segmentStart[s + 1]; t++) {
                segments[t] = s;
            }
            checkBlocks(s, last);
            largestPosition = Math.max(largestPosition, last);
        }
    }

    private void checkBlocks(int segment, int lastPosition) {
        int have = batch.blockStart[segment + 1] - batch.blockStart[segment];
        if (lastPosition / batch.blockTokens() >= have) {
            throw new IllegalArgumentException("segment " + segment + " reaches position " + lastPosition
                    + " but has only " + have + " blocks of " + batch.blockTokens() + " tokens");
        }
        for (int i = batch.blockStart[segment]; i < batch.blockStart[segment + 1]; i++) {
            if (batch.blocks[i] < 0 || batch.blocks[i] >= cache.blocks()) {
                throw new IllegalArgumentException("segment " + segment + " names block " + batch.blocks[i]
                        + " of a cache of " + cache.blocks());
            }
        }
    }

    StepBatch batch() {
        return batch;
    }

    CpuKvPool cache() {
        return cache;
    }

    int largestPosition() {
        return largestPosition;
    }

    int segmentOf(int token) {
        return segments[token];
    }

    /** Block that holds the token's key and value. */
    int blockOf(int token) {
        return batch.blocks[batch.blockStart[segments[token]] + batch.positions[token] / batch.blockTokens()];
    }

    /** First position a query at {@code position} sees. */
    static int firstVisible(int position, AttentionSpec spec) {
        return Math.max(0, position - spec.windowTokens() + 1);
    }
}
