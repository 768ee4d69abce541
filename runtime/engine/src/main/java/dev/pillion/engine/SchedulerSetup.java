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
import dev.pillion.scheduler.StepTimeBasis;
import dev.pillion.scheduler.StepTimeModel;
import dev.pillion.scheduler.TokenBudget;
import java.security.SecureRandom;
import java.util.Set;

/** Builds the scheduler that the options ask for by name. */
final class SchedulerSetup {
    /** Name of the one planner that cuts prompts into chunks. */
    static final String CHUNKING_PLANNER = "sarathi";

    /** A chunk smaller than this wastes more on reading the weights than it gains in latency. */
    private static final int LEAST_CHUNK_TOKENS = 16;

    /** Chunks are whole register tiles of the linear kernels. */
    private static final int TILE_TOKENS = 4;

    /** Queue policies that weigh work against time. */
    static final Set<String> TIMED_POLICIES = Set.of("deadline", "shortest");

    /** Tokens of the chunk from which the time of one is taken. */
    private static final int TYPICAL_CHUNK = 256;

    private SchedulerSetup() {}

    /** A scheduler that knows nothing of the device. */
    static Scheduler scheduler(EngineOptions options, MemoryPlan plan) {
        return scheduler(options, plan, StepTimeSource.guess(plan, "not looked for").basis());
    }

    /** A scheduler that predicts step times from a basis. */
    static Scheduler scheduler(EngineOptions options, MemoryPlan plan, StepTimeBasis basis) {
        SecureRandom random = new SecureRandom();
        KvCache cache = new KvCache(
                plan.kvBlockTokens(),
                plan.kvBlocks(),
                plan.hostKvBlocks(),
                options.prefixCache(),
                new PrefixHasher(random.nextLong(), random.nextLong()));
        SchedulerConfig config = SchedulerConfig.forPool(options.maxSequences(), plan.kvBlocks())
                .withMaxWaiting(Integer.MAX_VALUE); // the engine bounds the queue where callers can be told
        return new Scheduler(config, cache, planner(options), policy(options, basis), budget(options, basis));
    }

    /** Tokens per step: fixed, or by a latency target. */
    private static TokenBudget budget(EngineOptions options, StepTimeBasis basis) {
        int most = MemoryPlanner.budgetTokens(options);
        return options.tbtTarget()
                .<TokenBudget>map(target -> new LatencyBudget(
                        target.toNanos(),
                        most,
                        Math.min(LEAST_CHUNK_TOKENS, most),
                        TILE_TOKENS,
                        new StepTimeModel(basis)))
                .orElseGet(() -> new FixedBudget(most));
    }

    /** Time of a lone decode. */
    private static long decodeNanos(StepTimeBasis basis) {
        StepTimeModel model = new StepTimeModel(basis);
        return (long) model.predictNanos(model.newBatch().add(0, 1, true));
    }

    /** Time of a prompt token in a chunk. */
    private static long tokenNanos(StepTimeBasis basis) {
        StepTimeModel model = new StepTimeModel(basis);
        return (long) (model.predictNanos(model.newBatch().add(0, TYPICAL_CHUNK, false)) / TYPICAL_CHUNK);
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

    private static QueuePolicy policy(EngineOptions options, StepTimeBasis basis) {
        return switch (options.queuePolicy()) {
            case "fcfs" -> new FirstComeFirstServed();
            case "priority" -> new HighestPriority();
            case "deadline" -> new LeastSlack(tokenNanos(basis), decodeNanos(basis));
            case "shortest" -> new ShortestFirst(tokenNanos(basis));
            case "prefix" -> new LongestPrefixMatch();
            default -> throw unknown("queuePolicy", options.queuePolicy(), "fcfs, priority, deadline, shortest, prefix");
        };
    }

    private static PillionException unknown(String option, String value, String known) {
        return new PillionException(
                PillionException.Code.BAD_REQUEST, option + " is \"" + value + "\"; known are " + known);
    }
}
