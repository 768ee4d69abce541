package dev.pillion.engine;

import dev.pillion.EngineOptions;
import dev.pillion.MemoryPlan;
import dev.pillion.PillionException;
import dev.pillion.memory.KvCache;
import dev.pillion.memory.PrefixHasher;
import dev.pillion.scheduler.BatchPlanner;
import dev.pillion.scheduler.FirstComeFirstServed;
import dev.pillion.scheduler.FixedBudget;
import dev.pillion.scheduler.HighestPriority;
import dev.pillion.scheduler.LatencyBudget;
import dev.pillion.scheduler.LeastSlack;
import dev.pillion.scheduler.LongestPrefixMatch;
import dev.pillion.scheduler.OrcaPlanner;
import dev.pillion.scheduler.PrefillFirstPlanner;
import dev.pillion.scheduler.QueuePolicy;
import dev.pillion.scheduler.SarathiPlanner;
import dev.pillion.scheduler.Scheduler;
import dev.pillion.scheduler.SchedulerConfig;
import dev.pillion.scheduler.ShortestFirst;
import dev.pillion.scheduler.StaticBatchPlanner;
import dev.pillion.scheduler.StepTimeModel;
import dev.pillion.scheduler.TokenBudget;
import java.security.SecureRandom;

/** Builds the scheduler that the options ask for by name. */
final class SchedulerSetup {
    /** Name of the one planner that cuts prompts into chunks. */
    static final String CHUNKING_PLANNER = "sarathi";

    /** A chunk smaller than this wastes more on reading the weights than it gains in latency. */
    private static final int LEAST_CHUNK_TOKENS = 16;

    /** Chunks are whole register tiles of the linear kernels. */
    private static final int TILE_TOKENS = 4;

    /**
     * What a step costs before any was measured, from the bytes of the weights alone: reading them at 20 GB/s, and a tenth of
     * that for each token. Only the order of magnitude matters: the model is refitted with every step.
     */
    private static final double READ_BYTES_PER_NANO = 20;

    private static final double TOKENS_PER_READ = 10;

    private SchedulerSetup() {}

    static Scheduler scheduler(EngineOptions options, MemoryPlan plan) {
        SecureRandom random = new SecureRandom();
        KvCache cache = new KvCache(
                plan.kvBlockTokens(),
                plan.kvBlocks(),
                plan.hostKvBlocks(),
                options.prefixCache(),
                new PrefixHasher(random.nextLong(), random.nextLong()));
        SchedulerConfig config = SchedulerConfig.forPool(options.maxSequences(), plan.kvBlocks())
                .withMaxWaiting(Integer.MAX_VALUE); // the engine bounds the queue where callers can be told
        return new Scheduler(config, cache, planner(options), policy(options, plan), budget(options, plan));
    }

    /** Tokens per step: fixed, or by a latency target. */
    private static TokenBudget budget(EngineOptions options, MemoryPlan plan) {
        int most = MemoryPlanner.budgetTokens(options);
        return options.tbtTarget()
                .<TokenBudget>map(target -> new LatencyBudget(
                        target.toNanos(), most, Math.min(LEAST_CHUNK_TOKENS, most), TILE_TOKENS, stepTimes(plan)))
                .orElseGet(() -> new FixedBudget(most));
    }

    private static StepTimeModel stepTimes(MemoryPlan plan) {
        return new StepTimeModel(new double[] {readNanos(plan), tokenNanos(plan), 0, 0});
    }

    private static double readNanos(MemoryPlan plan) {
        return plan.weightBytes() / READ_BYTES_PER_NANO;
    }

    private static double tokenNanos(MemoryPlan plan) {
        return readNanos(plan) / TOKENS_PER_READ;
    }

    private static BatchPlanner planner(EngineOptions options) {
        return switch (options.scheduling()) {
            case CHUNKING_PLANNER -> new SarathiPlanner();
            case "prefill-first" -> new PrefillFirstPlanner();
            case "orca" -> new OrcaPlanner();
            case "static" -> new StaticBatchPlanner();
            default -> throw unknown("scheduling", options.scheduling(), "sarathi, prefill-first, orca, static");
        };
    }

    private static QueuePolicy policy(EngineOptions options, MemoryPlan plan) {
        return switch (options.queuePolicy()) {
            case "fcfs" -> new FirstComeFirstServed();
            case "priority" -> new HighestPriority();
            case "deadline" -> new LeastSlack((long) tokenNanos(plan), (long) readNanos(plan));
            case "shortest" -> new ShortestFirst((long) tokenNanos(plan));
            case "prefix" -> new LongestPrefixMatch();
            default -> throw unknown("queuePolicy", options.queuePolicy(), "fcfs, priority, deadline, shortest, prefix");
        };
    }

    private static PillionException unknown(String option, String value, String known) {
        return new PillionException(
                PillionException.Code.BAD_REQUEST, option + " is \"" + value + "\"; known are " + known);
    }
}
