package dev.pillion.scheduler;

import static dev.pillion.scheduler.Bench.sequence;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** What a step holds: decodes first, then chunks, within the budget. */
class BudgetRulesTest {
    private static SchedulerConfig config(int maxSequences) {
        return SchedulerConfig.forPool(maxSequences, 0);
    }

    @Test
    void decodesComeFirstAndTheChunkIsWhatTheyLeave() {
        Bench bench = new Bench(1000, 8, 16);
        bench.submit(sequence(1, 5));
        bench.submit(sequence(2, 6));
        assertThat(bench.step()).containsExactly("1:0+5", "2:0+6");
        bench.submit(sequence(3, 40));
        assertThat(bench.step()).containsExactly("1:5+1", "2:6+1", "3:0+14");
        bench.submit(sequence(4, 3));
        assertThat(bench.step()).containsExactly("1:6+1", "2:7+1", "3:14+14");
        assertThat(bench.step()).containsExactly("1:7+1", "2:8+1", "3:28+12", "4:0+2");
        assertThat(bench.step()).containsExactly("1:8+1", "2:9+1", "3:40+1", "4:2+1");
    }

    @Test
    void onlyTheSegmentThatReachesTheEndWantsLogits() {
        Bench bench = new Bench(1000, 8, 16);
        bench.submit(sequence(1, 20));
        BatchPlan plan = bench.plan();
        assertThat(plan.wantsLogits(0)).isFalse();
        assertThat(plan.logitsRows()).isZero();
        bench.commit(plan);
        plan = bench.plan();
        assertThat(plan.wantsLogits(0)).isTrue();
        assertThat(plan.isDecode(0)).isFalse();
        bench.commit(plan);
        plan = bench.plan();
        assertThat(plan.isDecode(0)).isTrue();
        assertThat(plan.decodeContext()).isEqualTo(21);
    }

    @Test
    void aBudgetBelowTheDecodesGivesNoNegativeChunk() {
        TokenBudget shrinking = new TokenBudget() {
            @Override
            public int maxTokens() {
                return 32;
            }

            @Override
            public int tokens(int decodes, long decodeContext, int prefillStart) {
                return decodes == 0 ? 32 : decodes - 1;
            }
        };
        Bench bench = new Bench(1000, config(8), new SarathiPlanner(), new FirstComeFirstServed(), shrinking);
        bench.submit(sequence(1, 4));
        bench.submit(sequence(2, 4));
        bench.step();
        bench.submit(sequence(3, 40));
        assertThat(bench.step()).containsExactly("1:4+1", "2:4+1");
    }

    @Test
    void aBudgetThatCannotHoldAllDecodesIsRefusedAtConstruction() {
        assertThatThrownBy(() -> new Bench(10, 8, 7))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("7", "8");
    }
}
