package dev.pillion.simulator;

import dev.pillion.scheduler.BatchPlanner;
import dev.pillion.scheduler.FirstComeFirstServed;
import dev.pillion.scheduler.FixedBudget;
import dev.pillion.scheduler.QueuePolicy;
import dev.pillion.scheduler.SarathiPlanner;
import dev.pillion.scheduler.TokenBudget;
import java.util.function.Supplier;

/**
 * How an instance schedules. Each pipeline stage brings a scheduler of its own with these settings.
 *
 * @param planner composes steps
 * @param queuePolicy orders those who wait
 * @param tokenBudget makes a budget for each scheduler, since an adaptive one learns
 * @param maxSequences most sequences that run at once in one scheduler
 * @param maxWaiting most sequences that wait in one scheduler; beyond, requests are refused
 * @param blockTokens tokens in a KV block, a power of two
 * @param prefixCaching whether computed blocks can be found again, where the workload has anything to find
 */
public record InstanceSettings(
        BatchPlanner planner,
        QueuePolicy queuePolicy,
        Supplier<? extends TokenBudget> tokenBudget,
        int maxSequences,
        int maxWaiting,
        int blockTokens,
        boolean prefixCaching) {

    /** Waiting sequences of a queue that is never full. */
    public static final int UNBOUNDED = 1 << 30;

    /** SARATHI with chunks from a budget of 512 tokens, first come first served, 256 sequences, blocks of 16 tokens. */
    public static InstanceSettings defaults() {
        return new InstanceSettings(
                new SarathiPlanner(), new FirstComeFirstServed(), () -> new FixedBudget(512), 256, UNBOUNDED, 16, true);
    }

    /** The same with another planner. */
    public InstanceSettings withPlanner(BatchPlanner other) {
        return new InstanceSettings(
                other, queuePolicy, tokenBudget, maxSequences, maxWaiting, blockTokens, prefixCaching);
    }

    /** The same with another order of those who wait. */
    public InstanceSettings withQueuePolicy(QueuePolicy other) {
        return new InstanceSettings(planner, other, tokenBudget, maxSequences, maxWaiting, blockTokens, prefixCaching);
    }

    /** The same with a fixed budget of tokens per step. */
    public InstanceSettings withChunkTokens(int tokens) {
        return withTokenBudget(() -> new FixedBudget(tokens));
    }

    /** The same with another budget. */
    public InstanceSettings withTokenBudget(Supplier<? extends TokenBudget> other) {
        return new InstanceSettings(planner, queuePolicy, other, maxSequences, maxWaiting, blockTokens, prefixCaching);
    }

    /** The same with another number of sequences that run at once. */
    public InstanceSettings withMaxSequences(int count) {
        return new InstanceSettings(planner, queuePolicy, tokenBudget, count, maxWaiting, blockTokens, prefixCaching);
    }

    /** The same with a bounded queue. */
    public InstanceSettings withMaxWaiting(int count) {
        return new InstanceSettings(planner, queuePolicy, tokenBudget, maxSequences, count, blockTokens, prefixCaching);
    }

    /** The same with another block size. */
    public InstanceSettings withBlockTokens(int tokens) {
        return new InstanceSettings(planner, queuePolicy, tokenBudget, maxSequences, maxWaiting, tokens, prefixCaching);
    }

    /** The same with the prefix cache on or off. */
    public InstanceSettings withPrefixCaching(boolean on) {
        return new InstanceSettings(planner, queuePolicy, tokenBudget, maxSequences, maxWaiting, blockTokens, on);
    }
}
