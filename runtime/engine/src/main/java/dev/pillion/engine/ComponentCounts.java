package dev.pillion.engine;

import dev.pillion.memory.BlockPool;
import dev.pillion.memory.KvCache;
import dev.pillion.metrics.Counter;
import dev.pillion.metrics.Gauge;
import dev.pillion.scheduler.AheadObstacle;
import dev.pillion.scheduler.Scheduler;
import dev.pillion.scheduler.SchedulerCounters;
import dev.pillion.spi.OperationCounters;

/** Copies into the metrics what the scheduler, the KV cache and the backend count themselves. Engine thread only. */
final class ComponentCounts {
    private final Scheduler scheduler;
    private final KvCache cache;
    private final OperationCounters work;

    ComponentCounts(Scheduler scheduler, OperationCounters work) {
        this.scheduler = scheduler;
        this.cache = scheduler.cache();
        this.work = work;
    }

    /** Copies everything, within a change. */
    void copyTo(MetricsRecorder metrics) {
        copyScheduler(metrics, scheduler.counters());
        copyState(metrics);
        metrics.set(Counter.BACKEND_FLOPS, work.flops);
        metrics.set(Counter.BACKEND_WEIGHT_BYTES, work.weightBytes);
        metrics.set(Counter.BACKEND_KV_READ_BYTES, work.kvReadBytes);
        metrics.set(Counter.BACKEND_KV_WRITE_BYTES, work.kvWriteBytes);
        metrics.set(Counter.BACKEND_OPERATIONS, work.operations);
    }

    private static void copyScheduler(MetricsRecorder metrics, SchedulerCounters counts) {
        metrics.set(Counter.STEPS, counts.steps());
        metrics.set(Counter.STEPS_FAILED, counts.rollbacks());
        metrics.set(Counter.TOKENS_PREFILL, counts.prefillTokens());
        metrics.set(Counter.TOKENS_DECODE, counts.decodeTokens());
        metrics.set(Counter.TOKENS_WASTED, counts.wastedTokens());
        metrics.set(Counter.TOKENS_LOST, counts.lostTokens());
        metrics.set(Counter.TOKENS_RECOMPUTED, counts.recomputedTokens());
        metrics.set(Counter.PREFIX_QUERY_TOKENS, counts.prefixQueryTokens());
        metrics.set(Counter.PREFIX_HIT_TOKENS, counts.prefixHitTokens());
        metrics.set(Counter.ADMISSIONS, counts.admitted());
        metrics.set(Counter.RESUMPTIONS, counts.resumed());
        metrics.set(Counter.PREEMPTIONS, counts.preemptions());
        metrics.set(Counter.OVERTAKES, counts.overtakes());
        metrics.set(Counter.HOLDS, counts.held());
        metrics.set(Counter.FORKS, counts.forks());
        metrics.set(Counter.AHEAD_STEPS, counts.plannedAhead());
        metrics.set(Counter.AHEAD_WITHDRAWN, counts.withdrawals());
        metrics.set(Counter.AHEAD_NOT_FORKS, counts.obstacles(AheadObstacle.FORKS));
        metrics.set(Counter.AHEAD_NOT_SHARED_BLOCK, counts.obstacles(AheadObstacle.SHARED_BLOCK));
        metrics.set(Counter.AHEAD_NOT_FEW_BLOCKS, counts.obstacles(AheadObstacle.FEW_BLOCKS));
        metrics.set(Counter.AHEAD_NOT_NOTHING, counts.obstacles(AheadObstacle.NOTHING_TO_DO));
    }

    private void copyState(MetricsRecorder metrics) {
        BlockPool pool = cache.pool();
        metrics.set(Gauge.SEQUENCES_RUNNING, scheduler.running());
        metrics.set(Gauge.SEQUENCES_WAITING, scheduler.waiting());
        metrics.set(Gauge.TOKENS_WAITING, scheduler.waitingTokens());
        metrics.set(Gauge.KV_BLOCKS_USED, pool.blocks() - pool.freeBlocks());
        metrics.set(Gauge.KV_BLOCKS_FREE, pool.freeBlocks());
        metrics.set(Gauge.KV_BLOCKS_CACHED, cache.cachedBlocks());
        metrics.set(Gauge.KV_HOST_BLOCKS_CACHED, cache.hostCachedBlocks());
    }

    /** Says that nothing runs and nothing is held, within a change. Asks nobody: the scheduler may be what failed. */
    void releaseAll(MetricsRecorder metrics) {
        metrics.set(Gauge.SEQUENCES_RUNNING, 0);
        metrics.set(Gauge.SEQUENCES_WAITING, 0);
        metrics.set(Gauge.TOKENS_WAITING, 0);
        metrics.set(Gauge.KV_BLOCKS_USED, 0);
        metrics.set(Gauge.KV_BLOCKS_FREE, cache.pool().blocks());
    }
}
