package dev.pillion.engine;

import dev.pillion.PillionException;
import dev.pillion.memory.BlockTable;
import dev.pillion.memory.KvCache;
import dev.pillion.spi.StepBatch;
import java.util.concurrent.CompletableFuture;

/**
 * Logits of a fresh sequence, computed between two steps on blocks of the common pool, which are free again afterwards.
 *
 * @param tokens the sequence
 * @param all whether the logits after every token are wanted, or those after the last only
 * @param chunkTokens most tokens computed at once
 * @param result receives {@code [tokens or 1, vocabulary]}
 */
record LogitsJob(int[] tokens, boolean all, int chunkTokens, CompletableFuture<float[][]> result) {
    /** Computes the logits and completes the result, with an exception where that fails. */
    void run(StepRunner runner, KvCache cache) {
        BlockTable table = cache.newTable(tokens.length);
        try {
            takeBlocks(runner, cache, table);
            result.complete(compute(runner, table));
        } catch (PillionException e) {
            result.completeExceptionally(e);
        } catch (RuntimeException e) {
            result.completeExceptionally(new PillionException(
                    PillionException.Code.REQUEST_FAILED,
                    "computing the logits of " + tokens.length + " tokens failed: " + e.getMessage(),
                    e));
        } catch (Error e) {
            result.completeExceptionally(
                    new PillionException(PillionException.Code.ENGINE_FAILED, "the engine failed: " + e, e));
            throw e;
        } finally {
            table.release();
        }
    }

    /** Taking blocks may move cached ones to the host tier; content that did not get there must not be found there. */
    private void takeBlocks(StepRunner runner, KvCache cache, BlockTable table) {
        cache.beginStep();
        if (!table.tryGrow(tokens.length)) {
            throw new PillionException(
                    PillionException.Code.QUEUE_FULL,
                    "running requests hold the KV blocks that " + tokens.length + " tokens need; try again later");
        }
        boolean copied = false;
        try {
            runner.copy(cache.copies());
            copied = true;
        } finally {
            if (copied) {
                cache.commitStep();
            } else {
                cache.rollbackStep();
            }
        }
    }

    private float[][] compute(StepRunner runner, BlockTable table) {
        float[][] rows = new float[all ? tokens.length : 1][];
        StepBatch batch = runner.batch();
        for (int start = 0; start < tokens.length; start += chunkTokens) {
            int length = Math.min(chunkTokens, tokens.length - start);
            batch.clear();
            batch.beginGroup(0);
            runner.add(tokens, start, length, table);
            for (int i = all ? 0 : length - 1; i < length; i++) {
                if (all || start + length == tokens.length) {
                    batch.wantLogits(i);
                }
            }
            runner.run();
            for (int row = 0; row < batch.logitCount(); row++) {
                rows[all ? start + row : 0] = runner.logits(row).clone();
            }
        }
        return rows;
    }
}
