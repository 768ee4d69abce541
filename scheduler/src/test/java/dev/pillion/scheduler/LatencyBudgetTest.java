package dev.pillion.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class LatencyBudgetTest {
    private static StepTimeModel model() {
        return new StepTimeModel(new CountBasis(1e6, 10_000, 2, 50));
    }

    @Test
    void picksTheLargestTotalThatFitsTheTarget() {
        LatencyBudget budget = new LatencyBudget(5_000_000, 2048, 1, 1, model());
        for (int decodes : new int[] {1, 10, 100}) {
            for (int start : new int[] {0, 1000, 20_000}) {
                int tokens = budget.tokens(decodes, decodes * 50L, start);
                assertThat(predicted(tokens, decodes, start) * 1.2).isLessThanOrEqualTo(5_000_000);
                assertThat(predicted(tokens + 1, decodes, start) * 1.2).isGreaterThan(5_000_000);
            }
        }
    }

    private static double predicted(int tokens, int decodes, int start) {
        return model().predictNanos(model().newBatch().addDecodes(decodes, decodes * 50L).add(start, tokens - decodes, false));
    }

    @Test
    void withoutDecodesNobodyWaitsSoTheBudgetIsFull() {
        assertThat(new LatencyBudget(1, 2048, 1, 1, model()).tokens(0, 0, 5000)).isEqualTo(2048);
    }

    @Test
    void promptsDoNotStarveWhereTheDecodesAloneMissTheTarget() {
        assertThat(new LatencyBudget(1, 2048, 16, 1, model()).tokens(100, 10_000, 0)).isEqualTo(116);
        assertThat(new LatencyBudget(1, 110, 16, 1, model()).tokens(100, 10_000, 0)).isEqualTo(110);
    }

    @Test
    void totalsAreWholeTilesWhereTheyAreMoreThanOne() {
        LatencyBudget budget = new LatencyBudget(5_000_000, 2048, 1, 64, model());
        assertThat(budget.tokens(10, 500, 0) % 64).isZero();
        assertThat(budget.tokens(10, 500, 0)).isGreaterThan(64);
        assertThatThrownBy(() -> new LatencyBudget(1, 8, 9, 1, model())).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void itKeepsTheNinetyNinthPercentileUnderTheTargetOnAMachineItHadToLearn() {
        double[] machine = {2e6, 40_000, 4, 200};
        long target = 10_000_000;
        LatencyBudget budget = new LatencyBudget(target, 2048, 1, 1, model());
        Bench bench = new Bench(10_000, SchedulerConfig.forPool(20, 10_000), new SarathiPlanner(),
                new FirstComeFirstServed(), budget);
        SplittableRandom random = new SplittableRandom(8);
        for (int id = 1; id <= 16; id++) {
            bench.submit(Bench.sequence(id, 10).maxTokens(2000));
        }
        int late = 0;
        int steps = 0;
        long chunks = 0;
        for (int i = 0; i < 1200; i++) {
            if (i % 30 == 0) {
                bench.submit(Bench.sequence(1000 + i, 1500).maxTokens(2));
            }
            BatchPlan plan = bench.plan();
            double nanos = machine[0] + machine[1] * plan.tokens() + machine[2] * plan.prefillWork()
                    + machine[3] * plan.decodeContext();
            nanos *= 0.95 + 0.1 * random.nextDouble();
            if (i >= 200 && plan.decodeTokens() > 0) {
                steps++;
                late += nanos > target ? 1 : 0;
                chunks += plan.prefillTokens();
            }
            bench.scheduler.observe(plan, (long) nanos);
            bench.commit(plan);
        }
        assertThat(late).as("late of %d", steps).isLessThanOrEqualTo(steps / 100);
        assertThat(chunks / (double) steps).as("and the target is used").isGreaterThan(40);
    }
}
