package dev.pillion.scheduler;

import static dev.pillion.scheduler.Bench.sequence;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The calls between an engine and its scheduler: their order, aborts, and steps taken back. */
class SchedulerProtocolTest {
    @Test
    void abortFreesAtOnceInEveryState() {
        Bench bench = new Bench(8, 2, 8);
        Sequence running = bench.submit(sequence(1, 8).maxTokens(8));
        Sequence prefilling = bench.submit(sequence(2, 12).maxTokens(8));
        Sequence waiting = bench.submit(sequence(3, 8).maxTokens(8));
        bench.steps(2);
        assertThat(bench.scheduler.abort(waiting)).isTrue();
        BatchPlan plan = bench.plan();
        assertThat(bench.scheduler.abort(prefilling)).isTrue();
        assertThat(prefilling.blockTable().count()).isZero();
        bench.scheduler.commit(plan, new int[] {1, 1}, new boolean[2]);
        SchedulerInvariants.check(bench.scheduler);
        assertThat(prefilling.length()).isEqualTo(12);
        assertThat(bench.scheduler.abort(running)).isTrue();
        assertThat(bench.scheduler.abort(running)).isFalse();
        SchedulerInvariants.checkIdle(bench.scheduler);
        assertThat(bench.scheduler.counters().finished(FinishReason.ABORTED)).isEqualTo(3);
        Sequence fresh = sequence(4, 8).build();
        assertThat(bench.scheduler.abort(fresh)).as("before submission").isTrue();
    }

    @Test
    void aFailedStepIsPlannedAgain() {
        Bench bench = new Bench(100, 8, 16);
        bench.submit(sequence(1, 5));
        bench.step();
        bench.submit(sequence(2, 20));
        BatchPlan plan = bench.plan();
        List<String> segments = Bench.segments(plan);
        bench.scheduler.rollback(plan);
        SchedulerInvariants.check(bench.scheduler);
        assertThat(bench.step()).isEqualTo(segments).containsExactly("1:5+1", "2:0+15");
        assertThat(bench.scheduler.counters().rollbacks()).isEqualTo(1);
    }

    @Test
    void callsOutOfOrderAreRefused() {
        Bench bench = new Bench(100, 3, 16);
        Sequence sequence = bench.submit(sequence(1, 6).maxTokens(3));
        assertThatThrownBy(() -> bench.scheduler.submit(sequence)).isInstanceOf(IllegalStateException.class);
        BatchPlan plan = bench.plan();
        assertThatThrownBy(() -> bench.scheduler.plan(0)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> bench.scheduler.commit(plan, new int[0], new boolean[0]))
                .isInstanceOf(IllegalArgumentException.class);
        bench.commit(plan);
        assertThatThrownBy(() -> bench.scheduler.commit(plan, new int[1], new boolean[1]))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> bench.scheduler.rollback(plan)).isInstanceOf(IllegalStateException.class);
        bench.runToEnd();
        assertThat(bench.plan().isEmpty()).isTrue();
    }

    @Test
    void thePlanIsAFunctionOfTheCallsAlone() {
        List<List<String>> lives = new ArrayList<>();
        for (int life = 0; life < 2; life++) {
            Bench bench = new Bench(12, 6, 12);
            List<String> segments = new ArrayList<>();
            for (int id = 0; id < 20; id++) {
                bench.submit(sequence(id, 3 + id).maxTokens(9).priority(id % 3));
                segments.addAll(bench.step());
            }
            while (bench.scheduler.hasWork()) {
                segments.addAll(bench.step());
            }
            lives.add(segments);
        }
        assertThat(lives.get(0)).isEqualTo(lives.get(1)).hasSizeGreaterThan(100);
    }
}
