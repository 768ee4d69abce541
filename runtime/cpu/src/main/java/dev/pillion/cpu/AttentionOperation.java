package dev.pillion.cpu;

import dev.pillion.spi.AttentionSpec;
import dev.pillion.spi.StepBatch;
import java.util.Arrays;

/**
 * Causal attention over paged keys and values with grouped query heads.
 *
 * <p>A query's context is cut into tiles at fixed positions ({@link KvTile}). Within a tile: scores, their maximum, the
 * exponentials, their sum, and the weighted sum of the values in ascending order of position. Tiles are merged in
 * ascending order by log-sum-exp. All of it depends on the query and its context only. What is shared between queries
 * is the loaded tile: by the query heads of a key/value head, by the queries of a prompt chunk, and by the sequences of
 * a prefix group, whose common blocks are loaded once (Hydragen).
 */
final class AttentionOperation implements WorkerPool.Task {
    private final Kernels kernels;
    private final AttentionPlan plan = new AttentionPlan();
    private final AttentionScratch[] scratch;
    private final WorkerPool.Task mergePass = this::mergeItem;
    private CpuStep step;
    private AttentionSpec spec;
    private CpuTensor q;
    private CpuTensor out;
    /** {@code [partial][outStride + 2]}: weighted values, largest score, sum of exponentials. */
    private float[] partials = {};

    private int partialStride;

    AttentionOperation(Kernels kernels, int slots) {
        this.kernels = kernels;
        this.scratch = new AttentionScratch[slots];
    }

    void run(WorkerPool pool, CpuStep step, AttentionSpec spec, CpuTensor q, CpuTensor out) {
        this.step = step;
        this.spec = spec;
        this.q = q;
        this.out = out;
        reserve();
        plan.plan(step.batch(), spec, pool.threads());
        if (plan.split) {
            int needed = Math.multiplyExact(plan.partials, partialStride);
            if (partials.length < needed) {
                partials = new float[needed + needed / 4];
            }
        }
        pool.run(plan.tasks, this);
        if (plan.split) {
            pool.run(plan.items, mergePass);
        }
    }

    private void reserve() {
        int queries = AttentionPlan.mostQueries(spec);
        for (int slot = 0; slot < scratch.length; slot++) {
            if (scratch[slot] == null || !scratch[slot].fits(spec.headDim(), queries)) {
                scratch[slot] = new AttentionScratch(spec.headDim(), kernels.keyLanes(), queries);
            }
        }
        partialStride = scratch[0].outStride + 2;
    }

    @Override
    public void run(int index, int slot) {
        int item = plan.taskItem[index];
        AttentionScratch s = scratch[slot];
        if (!plan.split) {
            s.reset(itemQueries(item));
        }
        for (int tile = plan.taskFirstTile[index]; tile < plan.taskEndTile[index]; tile++) {
            attendTile(item, tile, s);
        }
        if (!plan.split) {
            finish(item, s);
        }
    }

    private int itemQueries(int item) {
        return (plan.endToken[item] - plan.firstToken[item]) * AttentionPlan.queriesPerToken(spec);
    }

    /** Loads the group's common blocks of a tile once, then each segment's own, and attends. */
    private void attendTile(int item, int tile, AttentionScratch s) {
        StepBatch batch = step.batch();
        int g = plan.group[item];
        int tileStart = tile * KvTile.TOKENS;
        int tileEnd = tileStart + KvTile.TOKENS;
        int shared = Math.clamp((long) batch.groupSharedBlocks[g] * batch.blockTokens(), tileStart, tileEnd);
        int first = plan.firstToken[item];
        int end = plan.endToken[item];
        int lowest = lowestVisible(first, end);
        load(item, step.segmentOf(first), Math.max(tileStart, lowest), shared, s);
        if (shared == tileEnd) {
            attend(item, tileStart, first, end, s);
            return;
        }
        for (int token = first; token < end; ) {
            int segment = step.segmentOf(token);
            int segmentEnd = Math.min(end, batch.segmentStart[segment + 1]);
            int from = Math.max(shared, lowestVisible(token, segmentEnd));
            load(item, segment, from, Math.min(tileEnd, batch.positions[segmentEnd - 1] + 1), s);
            attend(item, tileStart, token, segmentEnd, s);
            token = segmentEnd;
        }
    }

    private int lowestVisible(int first, int end) {
        int lowest = Integer.MAX_VALUE;
        for (int t = first; t < end; t++) {
            lowest = Math.min(lowest, CpuStep.firstVisible(step.batch().positions[t], spec));
        }
        return lowest;
    }

    private void load(int item, int segment, int from, int to, AttentionScratch s) {
        StepBatch batch = step.batch();
        s.tile.load(step.cache(), spec.layer(), plan.kvHead[item], batch.blocks, batch.blockStart[segment], from, to,
                kernels);
    }

    /** Attends with the queries of the tokens {@code first} to {@code end} that see something of the loaded tile. */
    private void attend(int item, int tileStart, int first, int end, AttentionScratch s) {
        int perToken = AttentionPlan.queriesPerToken(spec);
        int pending = 0;
        for (int t = first; t < end; t++) {
            int position = step.batch().positions[t];
            int from = Math.max(0, CpuStep.firstVisible(position, spec) - tileStart);
            int to = Math.min(KvTile.TOKENS, position + 1 - tileStart);
            for (int h = 0; h < perToken && from < to; h++) {
                s.qOffsets[pending] = q.rowStart(t) + (plan.kvHead[item] * perToken + h) * spec.headDim();
                s.query[pending] = (t - plan.firstToken[item]) * perToken + h;
                s.from[pending] = from;
                s.to[pending] = to;
                if (++pending == AttentionScratch.QUERIES_AT_ONCE) {
                    attendQueries(item, tileStart, pending, s);
                    pending = 0;
                }
            }
        }
        attendQueries(item, tileStart, pending, s);
    }

    private void attendQueries(int item, int tileStart, int queries, AttentionScratch s) {
        int lowest = KvTile.TOKENS;
        int highest = 0;
        int commonFrom = 0;
        int commonTo = KvTile.TOKENS;
        for (int i = 0; i < queries; i++) {
            lowest = Math.min(lowest, s.from[i]);
            highest = Math.max(highest, s.to[i]);
            commonFrom = Math.max(commonFrom, s.from[i]);
            commonTo = Math.min(commonTo, s.to[i]);
        }
        if (queries == 0) {
            return;
        }
        kernels.scores(q.data, s.qOffsets, 0, queries, s.tile, lowest, highest, s.scores);
        kernels.exponentials(s.scores, queries, s.from, s.to, spec.scale(), s.tileLargest, s.tileSum);
        Arrays.fill(s.tileOut, 0);
        commonTo = Math.max(commonFrom, commonTo);
        for (int i = 0; i < queries; i++) {
            addValues(i, 1, s.from[i], Math.min(s.to[i], commonFrom), s);
        }
        addValues(0, queries, commonFrom, commonTo, s);
        for (int i = 0; i < queries; i++) {
            addValues(i, 1, Math.max(s.from[i], commonTo), s.to[i], s);
        }
        keep(item, tileStart / KvTile.TOKENS, queries, s);
    }

    private void addValues(int firstQuery, int queries, int from, int to, AttentionScratch s) {
        if (from < to) {
            kernels.addValues(s.scores, firstQuery, queries, s.tile, from, to, s.tileOut, s.outStride);
        }
    }

    /** Merges the tile's results, or puts them aside for the pass that does. */
    private void keep(int item, int tile, int queries, AttentionScratch s) {
        if (!plan.split) {
            s.merge(queries, s.tileOut, 0, kernels);
            return;
        }
        for (int i = 0; i < queries; i++) {
            int at = partialStart(item, tile, s.query[i]);
            System.arraycopy(s.tileOut, i * s.outStride, partials, at, s.outStride);
            partials[at + s.outStride] = s.tileLargest[i];
            partials[at + s.outStride + 1] = s.tileSum[i];
        }
    }

    private int partialStart(int item, int tile, int query) {
        int number = plan.firstPartial[item] + (tile - plan.firstTile[item]) * itemQueries(item) + query;
        return number * partialStride;
    }

    private void mergeItem(int item, int slot) {
        AttentionScratch s = scratch[slot];
        int perToken = AttentionPlan.queriesPerToken(spec);
        s.reset(itemQueries(item));
        for (int query = 0; query < itemQueries(item); query++) {
            int position = step.batch().positions[plan.firstToken[item] + query / perToken];
            int firstTile = CpuStep.firstVisible(position, spec) / KvTile.TOKENS;
            for (int tile = firstTile; tile <= position / KvTile.TOKENS; tile++) {
                int at = partialStart(item, tile, query);
                s.query[0] = query;
                s.tileLargest[0] = partials[at + s.outStride];
                s.tileSum[0] = partials[at + s.outStride + 1];
                s.merge(1, partials, at, kernels);
            }
        }
        finish(item, s);
    }

    private void finish(int item, AttentionScratch s) {
        int perToken = AttentionPlan.queriesPerToken(spec);
        for (int query = 0; query < itemQueries(item); query++) {
            int row = plan.firstToken[item] + query / perToken;
            int head = plan.kvHead[item] * perToken + query % perToken;
            s.finish(query, out.data, out.rowStart(row) + head * spec.headDim());
        }
    }
}
