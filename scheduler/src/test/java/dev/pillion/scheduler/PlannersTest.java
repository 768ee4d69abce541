package dev.pillion.scheduler;

import static dev.pillion.scheduler.Bench.sequence;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PlannersTest {
    private static Bench bench(BatchPlanner planner) {
        return new Bench(100, SchedulerConfig.forPool(8, 100), planner, 16);
    }

    @Test
    void prefillFirstStallsTheDecodesForWholePrompts() {
        Bench bench = bench(new PrefillFirstPlanner());
        bench.submit(sequence(1, 5));
        bench.step();
        assertThat(bench.step()).containsExactly("1:5+1");
        bench.submit(sequence(2, 9).maxTokens(5));
        bench.submit(sequence(3, 40).maxTokens(5));
        bench.submit(sequence(4, 2).maxTokens(5));
        assertThat(bench.step()).as("what fits the budget together").containsExactly("2:0+9", "4:0+2");
        assertThat(bench.step()).as("a prompt beyond the budget, alone").containsExactly("3:0+40");
        assertThat(bench.step()).containsExactly("1:6+1", "2:9+1", "3:40+1", "4:2+1");
    }

    @Test
    void orcaPutsWholePromptsBesideTheDecodes() {
        Bench bench = bench(new OrcaPlanner());
        bench.submit(sequence(1, 5));
        bench.step();
        bench.submit(sequence(2, 40).maxTokens(5));
        bench.submit(sequence(3, 2).maxTokens(5));
        BatchPlan plan = bench.plan();
        assertThat(Bench.segments(plan)).containsExactly("1:5+1", "2:0+40");
        assertThat(plan.budgetTokens()).as("the step is as long as its prompt").isEqualTo(41);
        bench.commit(plan);
        assertThat(bench.step()).containsExactly("1:6+1", "2:40+1", "3:0+2");
    }

    @Test
    void aStaticBatchRunsUntilItsLastSequenceHasEnded() {
        Bench bench = bench(new StaticBatchPlanner());
        bench.submit(sequence(1, 5).maxTokens(2));
        bench.submit(sequence(2, 6).maxTokens(4));
        assertThat(bench.step()).containsExactly("1:0+5", "2:0+6");
        bench.submit(sequence(3, 4).maxTokens(2));
        assertThat(bench.step()).containsExactly("1:5+1", "2:6+1");
        assertThat(bench.step()).containsExactly("2:7+1");
        assertThat(bench.step()).containsExactly("2:8+1");
        assertThat(bench.step()).containsExactly("3:0+4");
    }

    @Test
    void wholePromptPlannersRepeatAFailedPrompt() {
        for (BatchPlanner planner : new BatchPlanner[] {
            new PrefillFirstPlanner(), new OrcaPlanner(), new StaticBatchPlanner()
        }) {
            Bench bench = bench(planner);
            bench.submit(sequence(1, 40).maxTokens(3));
            bench.scheduler.rollback(bench.plan());
            assertThat(bench.step()).as(planner.name()).containsExactly("1:0+40");
            bench.runToEnd();
        }
    }

    @Test
    void sarathiNeverLetsADecodeSkipAStepAndTheOthersDo() {
        assertThat(longestGap(new SarathiPlanner())).isEqualTo(1);
        assertThat(longestGap(new OrcaPlanner())).isEqualTo(1);
        assertThat(longestGap(new PrefillFirstPlanner())).isGreaterThan(3);
    }

    /** Most steps between two tokens of a stream while prompts arrive all the time. */
    private static int longestGap(BatchPlanner planner) {
        Bench bench = bench(planner);
        Sequence stream = bench.submit(sequence(1, 5));
        bench.step();
        int gap = 0;
        int longest = 0;
        for (int id = 2; id < 7; id++) {
            bench.submit(sequence(id, 20).maxTokens(1));
        }
        for (int i = 0; i < 20; i++) {
            int before = stream.generated();
            bench.step();
            gap = stream.generated() > before ? 0 : gap + 1;
            longest = Math.max(longest, gap);
        }
        return longest + 1;
    }
}
