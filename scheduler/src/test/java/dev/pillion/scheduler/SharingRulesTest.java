package dev.pillion.scheduler;

import static dev.pillion.scheduler.Bench.sequence;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** Prefix hits, sharers that wait for each other, and the samples of one prompt. */
class SharingRulesTest {
    private static SchedulerConfig config(int maxSequences) {
        return SchedulerConfig.forPool(maxSequences, 0);
    }

    @Test
    void aPrefixHitMovesTheStartAndLeavesTheLastTokenToCompute() {
        Bench bench = new Bench(100, 8, 64);
        int[] prompt = Bench.prompt(1, 12);
        bench.submit(Sequence.builder(1, prompt).maxTokens(1));
        bench.runToEnd();
        Sequence same = bench.submit(Sequence.builder(2, prompt).maxTokens(1));
        assertThat(bench.step()).containsExactly("2:8+4");
        assertThat(same.prefixHitTokens()).isEqualTo(8);
        bench.submit(Sequence.builder(3, prompt).maxTokens(1).salt(9));
        assertThat(bench.step()).as("another tenant").containsExactly("3:0+12");
        assertThat(bench.scheduler.counters().prefixHitTokens()).isEqualTo(8);
        assertThat(bench.scheduler.counters().prefixQueryTokens()).isEqualTo(36);
    }

    @Test
    void sharersWaitForThePrefixThatIsBeingComputed() {
        int[] prompt = Bench.prompt(1, 32);
        Bench bench = new Bench(100, 8, 24);
        for (int id = 1; id <= 4; id++) {
            bench.submit(Sequence.builder(id, prompt).arrivalNanos(id).maxTokens(4));
        }
        bench.submit(sequence(9, 2).maxTokens(1));
        assertThat(bench.step()).containsExactly("1:0+24");
        assertThat(bench.step()).as("held though the budget has room").containsExactly("1:24+8", "9:0+2");
        assertThat(bench.step()).containsExactly("1:32+1", "2:28+4", "3:28+4", "4:28+4");
        assertThat(bench.scheduler.counters().overtakes()).isZero();

        Bench eager = new Bench(100, config(8).withHoldSharers(false), new SarathiPlanner(), 64);
        eager.submit(Sequence.builder(1, prompt).arrivalNanos(1).maxTokens(4));
        eager.submit(Sequence.builder(2, prompt).arrivalNanos(2).maxTokens(4));
        assertThat(eager.step()).containsExactly("1:0+32", "2:0+32");
    }

    @Test
    void samplesShareThePromptAndCopyItsLastBlockWhenTheyPart() {
        Bench bench = new Bench(100, 3, 16);
        Sequence parent = bench.submit(sequence(1, 6).samples(3).maxTokens(3));
        bench.submit(sequence(9, 2).maxTokens(1));
        BatchPlan plan = bench.plan();
        assertThat(Bench.segments(plan)).as("its samples have their places kept").containsExactly("1:0+6");
        bench.device.run(plan);
        Sequence child = bench.scheduler.fork(parent, 2, 1001, "second");
        Sequence other = bench.scheduler.fork(parent, 3, 1002, "third");
        SchedulerInvariants.check(bench.scheduler);
        assertThatThrownBy(() -> bench.scheduler.fork(parent, 4, 1, "")).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> bench.scheduler.rollback(plan)).isInstanceOf(IllegalStateException.class);
        bench.scheduler.commit(plan, bench.device.sampled, new boolean[16]);
        assertThat(bench.cache.pool().freeBlocks()).isEqualTo(98);

        BatchPlan next = bench.plan();
        assertThat(Bench.segments(next)).containsExactly("1:6+1", "2:6+1", "3:6+1");
        assertThat(next.copies().size()).as("all but the last to write").isEqualTo(2);
        bench.commit(next);
        assertThat(child.token(6)).isEqualTo(1001);
        assertThat(other.owner()).isEqualTo("third");
        assertThat(child.blockTable().block(0)).isEqualTo(parent.blockTable().block(0));
        assertThat(child.blockTable().block(1)).isNotEqualTo(parent.blockTable().block(1));
        bench.runToEnd();
    }

    @Test
    void aParentThatEndsWithItsFirstTokenLeavesItsForks() {
        Bench bench = new Bench(100, 3, 16);
        Sequence parent = bench.submit(sequence(1, 6).samples(2).maxTokens(3));
        BatchPlan plan = bench.plan();
        bench.device.run(plan);
        Sequence child = bench.scheduler.fork(parent, 2, 1001, "");
        bench.scheduler.commit(plan, bench.device.sampled, new boolean[] {true});
        assertThat(parent.finishReason()).contains(FinishReason.STOP);
        assertThat(bench.step()).containsExactly("2:6+1");
        bench.runToEnd();
        assertThat(child.finishReason()).contains(FinishReason.LENGTH);
    }
}
