package dev.pillion.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.pillion.memory.KvCache;
import dev.pillion.memory.PrefixHasher;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SteadyStateAllocationTest {
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aStepWithAThousandRunningAndTenThousandWaitingAllocatesNothing(boolean ahead) {
        int running = 1000;
        KvCache cache = new KvCache(16, 80_000, 0, true, new PrefixHasher(1, 2));
        SchedulerConfig config = SchedulerConfig.forPool(running, 0).withMaxWaiting(20_000);
        Scheduler scheduler = new Scheduler(
                config, cache, new SarathiPlanner(), new FirstComeFirstServed(),
                new LatencyBudget(50_000_000, 16_384, 16, 64, new StepTimeModel(new CountBasis(1e6, 1_000, 1, 1))));
        for (int id = 0; id < running + 10_000; id++) {
            scheduler.submit(Sequence.builder(id, Bench.prompt(id, 16)).maxTokens(1000).arrivalNanos(id).build());
        }
        int[] sampled = new int[running];
        boolean[] stopped = new boolean[running];
        for (int i = 0; i < 300; i++) {
            step(scheduler, sampled, stopped, i, ahead);
        }
        assertThat(scheduler.running()).isEqualTo(running);
        assertThat(scheduler.waiting()).isEqualTo(10_000);

        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 300; i < 800; i++) {
            step(scheduler, sampled, stopped, i, ahead);
        }
        long bytes = threads.getCurrentThreadAllocatedBytes() - before;
        assertThat(bytes / 500.0).as("bytes per step").isLessThan(100);
        assertThat(scheduler.counters().plannedAhead() > 700).isEqualTo(ahead);
    }

    private static void step(Scheduler scheduler, int[] sampled, boolean[] stopped, int now, boolean ahead) {
        BatchPlan plan = scheduler.isInFlight() ? scheduler.olderPlan() : scheduler.plan(now);
        if (ahead) {
            scheduler.planAhead(now);
        }
        for (int i = 0; i < plan.logitsRows(); i++) {
            sampled[i] = i * 31 + now;
        }
        scheduler.observe(plan, 2_000_000 + now);
        scheduler.commit(plan, sampled, stopped);
    }
}
