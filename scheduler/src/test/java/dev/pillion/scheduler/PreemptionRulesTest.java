package dev.pillion.scheduler;

import static dev.pillion.scheduler.Bench.sequence;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Whose blocks are taken, and what becomes of the one who lost them. */
class PreemptionRulesTest {
    private static SchedulerConfig config(int maxSequences) {
        return SchedulerConfig.forPool(maxSequences, 0);
    }

    @Test
    void theVictimIsTheLeastImportantThenTheYoungestThenTheCheapest() {
        Bench bench = new Bench(8, 8, 64);
        bench.submit(sequence(1, 8).maxTokens(20).priority(0));
        bench.submit(sequence(2, 8).maxTokens(20).priority(1));
        bench.submit(sequence(3, 8).maxTokens(20).priority(1));
        bench.step();
        BatchPlan plan = bench.plan();
        bench.commit(plan);
        assertThat(plan.preemptedCount()).isEqualTo(1);
        assertThat(plan.preempted(0).id()).as("least important, though oldest").isEqualTo(1);

        Bench ages = new Bench(8, 8, 64);
        ages.submit(sequence(1, 8).maxTokens(20));
        ages.submit(sequence(2, 8).maxTokens(20));
        ages.submit(sequence(3, 8).maxTokens(20));
        ages.step();
        assertThat(ages.plan().preempted(0).id()).as("youngest").isEqualTo(3);

        Bench costs = new Bench(8, 8, 64);
        costs.submit(sequence(1, 8).maxTokens(20).arrivalNanos(5));
        costs.submit(sequence(2, 4).maxTokens(20).arrivalNanos(5));
        costs.submit(sequence(3, 12).maxTokens(20).arrivalNanos(5));
        costs.step();
        assertThat(costs.plan().preempted(0).id()).as("fewest tokens to compute again").isEqualTo(2);
    }

    @Test
    void aVictimOfThisVeryStepIsTakenOutOfItAndNobodyIsAdmitted() {
        Bench bench = new Bench(6, 8, 8);
        Sequence humble = bench.submit(sequence(1, 9).maxTokens(10).priority(-1));
        bench.submit(sequence(2, 8).maxTokens(10));
        bench.until(() -> bench.scheduler.running() == 2 && !bench.scheduler.running(1).isPrefilling(), bench::step);
        bench.submit(sequence(3, 2).maxTokens(2));
        BatchPlan plan = bench.plan();
        bench.until(() -> plan.preemptedCount() > 0, () -> {
            bench.commit(plan);
            bench.plan();
        });
        assertThat(plan.preempted(0)).isSameAs(humble);
        assertThat(Bench.segments(plan)).noneMatch(segment -> segment.startsWith("1:"));
        assertThat(plan.tokens()).isEqualTo(plan.decodeTokens());
        assertThat(plan.admitted()).isZero();
        assertThat(humble.state()).isEqualTo(SequenceState.PREEMPTED);
        assertThat(humble.blockTable().count()).isZero();
        bench.commit(plan);
        bench.runToEnd();
    }

    @Test
    void aPreemptedSequenceKeepsItsPlaceAndItsCountOfTokens() {
        Bench bench = new Bench(8, config(8).withOvertaking(0, 0), new SarathiPlanner(), 64);
        Sequence first = bench.submit(sequence(1, 12).maxTokens(12));
        Sequence second = bench.submit(sequence(2, 15).maxTokens(12));
        bench.until(() -> second.state() == SequenceState.PREEMPTED, bench::step);
        int generated = second.generated();
        assertThat(generated).isPositive();
        assertThat(second.lostTokens()).as("all but the token it was to compute").isEqualTo(second.length() - 1);
        bench.submit(sequence(3, 4).maxTokens(4));
        bench.until(first::isFinished, () -> assertThat(bench.step()).noneMatch(segment -> segment.startsWith("3:")));
        List<String> next = bench.step();
        assertThat(next.get(0)).startsWith("2:");
        assertThat(second.generated()).isEqualTo(generated + 1);
        assertThat(second.lostTokens()).isZero();
        bench.runToEnd();
        assertThat(second.generated()).isEqualTo(12);
        assertThat(second.preemptions()).isEqualTo(1);
        assertThat(bench.scheduler.counters().resumed()).isEqualTo(1);
    }

    @Test
    void whoLostItsBlocksIsNotRobbedAgainBeforeItProducedSomething() {
        int[] perStep = {64};
        TokenBudget switched = new TokenBudget() {
            @Override
            public int maxTokens() {
                return 64;
            }

            @Override
            public int tokens(int decodes, long decodeContext, int prefillStart) {
                return perStep[0];
            }
        };
        Bench bench = new Bench(8, config(3), new SarathiPlanner(), new FirstComeFirstServed(), switched);
        Sequence growing = bench.submit(sequence(1, 12).maxTokens(19));
        Sequence humble = bench.submit(sequence(2, 12).maxTokens(19).priority(-1));
        Sequence small = bench.submit(sequence(3, 2).maxTokens(9).priority(1));
        bench.steps(2);
        assertThat(humble.state()).isEqualTo(SequenceState.PREEMPTED);

        // It comes back to exactly the blocks there are, computes for long, and meanwhile the other wants a block.
        bench.scheduler.abort(small);
        bench.cache.forgetContent();
        perStep[0] = 3;
        assertThat(bench.step()).containsExactly("1:13+1", "2:0+2");
        assertThat(bench.cache.pool().freeBlocks()).isZero();
        bench.steps(3);
        assertThat(growing.state()).as("pays itself").isEqualTo(SequenceState.PREEMPTED);
        assertThat(humble.state()).isEqualTo(SequenceState.RUNNING);
        bench.runToEnd();
        assertThat(humble.preemptions()).as("robbed once only").isEqualTo(1);
        assertThat(growing.generated() + humble.generated()).isEqualTo(38);
    }

    @Test
    void aLastBlockWithRoomNeedsNoFreeBlock() {
        Bench bench = new Bench(4, 8, 64);
        bench.submit(sequence(1, 5).maxTokens(4));
        bench.submit(sequence(2, 5).maxTokens(4));
        bench.runToEnd();
        assertThat(bench.scheduler.counters().preemptions()).isZero();
    }
}
