package dev.pillion.benchmarks;

import com.sun.management.ThreadMXBean;
import dev.pillion.memory.KvCache;
import dev.pillion.memory.PrefixHasher;
import dev.pillion.scheduler.BatchPlan;
import dev.pillion.scheduler.FirstComeFirstServed;
import dev.pillion.scheduler.FixedBudget;
import dev.pillion.scheduler.SarathiPlanner;
import dev.pillion.scheduler.Scheduler;
import dev.pillion.scheduler.SchedulerConfig;
import dev.pillion.scheduler.Sequence;
import java.lang.management.ManagementFactory;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The scheduler alone, the device answering at once: 1,000 sequences run, 10,000 wait, every step plans 1,000 decodes and
 * commits their tokens. Each invocation runs {@value #STEPS} steps on a scheduler filled outside the measured time; the
 * bytes the thread allocates within them are printed at the end of a fork, since JMH's GC profiler would count the filling
 * too.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(3)
@Warmup(iterations = 3, time = 3)
@Measurement(iterations = 5, time = 3)
public class SchedulerBenchmark {
    private static final int STEPS = 900;
    private static final int RUNNING = 1000;
    private static final int WAITING = 10_000;
    private static final int BLOCK_TOKENS = 16;
    private static final int PROMPT = 16;
    private static final int MAX_TOKENS = 1000;

    private final ThreadMXBean threads = ManagementFactory.getPlatformMXBean(ThreadMXBean.class);
    private Scheduler scheduler;
    private int[] sampled;
    private boolean[] stopped;
    private long allocatedBytes;
    private long countedSteps;

    /** Fills the scheduler and runs the prompts. */
    @Setup(Level.Invocation)
    public void fill() {
        int blocks = RUNNING * ((PROMPT + MAX_TOKENS) / BLOCK_TOKENS + 1) * 2;
        KvCache cache = new KvCache(BLOCK_TOKENS, blocks, 0, false, new PrefixHasher(1, 2));
        SchedulerConfig config = SchedulerConfig.forPool(RUNNING, blocks).withMaxWaiting(RUNNING + WAITING);
        scheduler = new Scheduler(config, cache, new SarathiPlanner(), new FirstComeFirstServed(), new FixedBudget(2048));
        sampled = new int[RUNNING];
        stopped = new boolean[RUNNING];
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < RUNNING + WAITING; i++) {
            int[] prompt = random.ints(PROMPT, 0, 32_000).toArray();
            scheduler.submit(Sequence.builder(i, prompt).maxTokens(MAX_TOKENS).arrivalNanos(i).build());
        }
        while (scheduler.running() < RUNNING) {
            step();
        }
        step();
    }

    /** Plans and commits steps of 1,000 decodes. */
    @Benchmark
    @OperationsPerInvocation(STEPS)
    public int steps() {
        long before = threads.getCurrentThreadAllocatedBytes();
        int tokens = 0;
        for (int i = 0; i < STEPS; i++) {
            tokens += step();
        }
        allocatedBytes += threads.getCurrentThreadAllocatedBytes() - before;
        countedSteps += STEPS;
        return tokens;
    }

    /** Says what a step allocated. */
    @TearDown(Level.Trial)
    public void report() {
        System.out.println();
        System.out.println("allocated bytes per step: " + (double) allocatedBytes / countedSteps);
    }

    private int step() {
        BatchPlan plan = scheduler.plan(0);
        scheduler.commit(plan, sampled, stopped);
        return plan.tokens();
    }
}
