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
import java.util.Arrays;
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
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The scheduler alone, the device answering at once: 1,000 sequences run and 10,000 wait. Each invocation runs
 * {@value #STEPS} steps on a scheduler prepared outside the measured time; the bytes the thread allocates within them are
 * printed at the end of a fork, since JMH's GC profiler counts the preparation too.
 */
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
    private static final int VOCABULARY = 32_000;

    /** Every step plans 1,000 decodes and commits their tokens; nobody ends and nobody is admitted. */
    @Benchmark
    @OperationsPerInvocation(STEPS)
    public int decodes(Decodes load) {
        long before = load.allocatedBytes();
        int tokens = 0;
        for (int i = 0; i < STEPS; i++) {
            tokens += load.step();
        }
        load.countSteps(before);
        return tokens;
    }

    /**
     * As {@link #decodes}, with about four sequences in each step that end and as many that are admitted with a prompt,
     * half of which is common to all, and submitted anew. The submissions are within the measured time, but the bytes
     * they keep are not counted: they are the sequence.
     */
    @Benchmark
    @OperationsPerInvocation(STEPS)
    public int churn(Churn load) {
        int tokens = 0;
        for (int i = 0; i < STEPS; i++) {
            load.refill();
            long before = load.allocatedBytes();
            tokens += load.step();
            load.countStep(before);
        }
        return tokens;
    }

    /** A scheduler and the bytes its steps allocate. */
    @State(Scope.Thread)
    public abstract static class Load {
        /** Whether computed blocks can be found again. */
        @Param({"false", "true"})
        public boolean prefixCaching;

        final int[] sampled = new int[RUNNING];
        final boolean[] stopped = new boolean[RUNNING];
        final SplittableRandom random = new SplittableRandom(1);
        private final ThreadMXBean threads = ManagementFactory.getPlatformMXBean(ThreadMXBean.class);
        Scheduler scheduler;
        private long stepBytes;
        private long steps;

        void open(int blocks) {
            KvCache cache = new KvCache(BLOCK_TOKENS, blocks, 0, prefixCaching, new PrefixHasher(1, 2));
            SchedulerConfig config = SchedulerConfig.forPool(RUNNING, blocks).withMaxWaiting(RUNNING + WAITING);
            scheduler = new Scheduler(config, cache, new SarathiPlanner(), new FirstComeFirstServed(), new FixedBudget(2048));
        }

        int step() {
            BatchPlan plan = scheduler.plan(0);
            scheduler.commit(plan, sampled, stopped);
            return plan.tokens();
        }

        long allocatedBytes() {
            return threads.getCurrentThreadAllocatedBytes();
        }

        void countSteps(long bytesBefore) {
            stepBytes += allocatedBytes() - bytesBefore;
            steps += STEPS;
        }

        void countStep(long bytesBefore) {
            stepBytes += allocatedBytes() - bytesBefore;
            steps++;
        }

        /** Says what a step allocated. */
        @TearDown(Level.Trial)
        public void report() {
            System.out.println();
            System.out.println("allocated bytes per step: " + (double) stepBytes / steps);
        }
    }

    /** Prompts of one block and answers longer than the measured steps, in a pool where blocks never run out. */
    public static class Decodes extends Load {
        private static final int PROMPT = 16;
        private static final int MAX_TOKENS = 1000;

        /** Fills the scheduler and runs the prompts. */
        @Setup(Level.Invocation)
        public void fill() {
            open(RUNNING * ((PROMPT + MAX_TOKENS) / BLOCK_TOKENS + 1) * 2);
            for (int i = 0; i < RUNNING + WAITING; i++) {
                int[] prompt = random.ints(PROMPT, 0, VOCABULARY).toArray();
                scheduler.submit(Sequence.builder(i, prompt).maxTokens(MAX_TOKENS).arrivalNanos(i).build());
            }
            while (scheduler.running() < RUNNING) {
                step();
            }
            step();
        }
    }

    /**
     * Prompts of 128 tokens and answers of 1 to 511, in a pool that sequences fill to about the half: with prefix
     * caching the other half is full of what others left, and each block taken evicts one.
     */
    public static class Churn extends Load {
        private static final int BLOCKS = 40_000;
        private static final int SETTLING_STEPS = 2000;
        private static final int[] PROMPT = new int[128];

        private Sequence[] ready = new Sequence[0];
        private int readyAt;
        private long nextId;

        /** Fills the scheduler and lets it run until the pool is full and the answers are at all lengths. */
        @Setup(Level.Trial)
        public void settle() {
            open(BLOCKS);
            prepare(RUNNING + WAITING + 8 * SETTLING_STEPS);
            for (int i = 0; i < SETTLING_STEPS; i++) {
                refill();
                step();
            }
        }

        /** Makes the sequences that callers will have made before they submit them. */
        @Setup(Level.Invocation)
        public void prepare() {
            prepare(8 * STEPS);
        }

        private void prepare(int count) {
            ready = new Sequence[count];
            readyAt = 0;
            Arrays.setAll(ready, i -> {
                int[] prompt = PROMPT.clone();
                for (int at = prompt.length / 2; at < prompt.length; at++) {
                    prompt[at] = random.nextInt(VOCABULARY);
                }
                int maxTokens = 1 + random.nextInt(511);
                return Sequence.builder(nextId, prompt).maxTokens(maxTokens).arrivalNanos(nextId++).build();
            });
        }

        void refill() {
            while (scheduler.waiting() < WAITING) {
                scheduler.submit(ready[readyAt]);
                ready[readyAt++] = null;
            }
        }
    }
}
