package dev.pillion.cuda;

import dev.pillion.spi.KvPool;
import dev.pillion.spi.StepBatch;

/** The step under way: its batch and pool, checked, the number of rows kernels run over, and what it counts as. */
final class CudaStep {
    private final StepBatch batch;
    private final CudaKvPool pool;
    private final DecodeBuckets buckets;
    private final boolean graphs;
    private int tokens;
    private int bucket;

    /**
     * State of the steps over one batch object and pool.
     *
     * @param buckets sizes of decode steps
     * @param graphs whether steps of decodes run as graphs
     */
    CudaStep(StepBatch batch, CudaKvPool pool, DecodeBuckets buckets, boolean graphs) {
        this.batch = batch;
        this.pool = pool;
        this.buckets = buckets;
        this.graphs = graphs;
    }

    /** Looks at the batch's present contents. */
    void read() {
        if (pool.tier() != KvPool.Tier.DEVICE) {
            throw new IllegalArgumentException("a step needs a pool of tier DEVICE, not " + pool.tier());
        }
        if (batch.blockTokens() != pool.layout().blockTokens()) {
            throw new IllegalArgumentException("the batch counts " + batch.blockTokens() + " tokens a block, the pool "
                    + pool.layout().blockTokens());
        }
        for (int s = 0; s < batch.segmentCount(); s++) {
            check(s);
        }
        tokens = batch.tokenCount();
        bucket = graphs && isDecodesOnly() ? buckets.of(tokens) : 0;
    }

    private void check(int segment) {
        if (batch.segmentStart[segment] == batch.segmentStart[segment + 1]) {
            throw new IllegalArgumentException("segment " + segment + " has no tokens");
        }
        int last = batch.positions[batch.segmentStart[segment + 1] - 1];
        int have = batch.blockStart[segment + 1] - batch.blockStart[segment];
        if (last / batch.blockTokens() >= have) {
            throw new IllegalArgumentException("segment " + segment + " reaches position " + last + " but has only "
                    + have + " blocks of " + batch.blockTokens() + " tokens");
        }
        for (int i = batch.blockStart[segment]; i < batch.blockStart[segment + 1]; i++) {
            if (batch.blocks[i] < 0 || batch.blocks[i] >= pool.blocks()) {
                throw new IllegalArgumentException("segment " + segment + " names block " + batch.blocks[i]
                        + " of a pool of " + pool.blocks());
            }
        }
    }

    private boolean isDecodesOnly() {
        return batch.segmentCount() == batch.tokenCount() && batch.logitCount() == batch.tokenCount();
    }

    StepBatch batch() {
        return batch;
    }

    CudaKvPool pool() {
        return pool;
    }

    /** Whether this object was made for this batch and pool. */
    boolean isFor(StepBatch otherBatch, KvPool otherPool) {
        return batch == otherBatch && pool == otherPool;
    }

    /** Tokens of the batch. */
    int tokens() {
        return tokens;
    }

    /** Size of the graph this step runs as; 0 if it runs without. */
    int bucket() {
        return bucket;
    }

    /** Rows that kernels run over where the engine says so many: those of the graph, if there is one. */
    int padded(int rows) {
        return bucket > 0 && rows == tokens ? bucket : rows;
    }
}
