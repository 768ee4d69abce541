package dev.pillion.scheduler;

import static dev.pillion.scheduler.Bench.sequence;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** Sequences that leave one scheduler and go on in another. */
class ParkingRulesTest {
    /** Copies keys and values of all but the last token, as a transfer between devices would. */
    private static void copyKeysAndValues(Bench from, Sequence original, Bench to, Sequence copy) {
        for (int p = 0; p < original.length() - 1; p++) {
            to.device.write(copy.blockTable(), p, FakeDevice.stateOf(original, p + 1));
        }
        assertThat(from.scheduler.canPark(original)).as("still parked").isFalse();
    }

    @Test
    void aSequenceGoesOnElsewhereWithTheTokensItWouldHaveHad() {
        Bench alone = new Bench(50, 4, 16);
        Sequence expected = alone.submit(sequence(1, 21).maxTokens(30));
        alone.runToEnd();

        Bench source = new Bench(50, 4, 16);
        Bench target = new Bench(50, 4, 16);
        Sequence other = target.submit(sequence(2, 9).maxTokens(60));
        target.steps(3);
        Sequence original = source.submit(sequence(1, 21).maxTokens(30));
        source.until(() -> original.generated() == 7, source::step);
        Sequence copy = original.continuation();
        assertThat(target.scheduler.reserve(copy, copy.length())).isTrue();
        SchedulerInvariants.check(target.scheduler);
        target.steps(2);
        source.steps(4);
        source.scheduler.park(original);
        SchedulerInvariants.check(source.scheduler);
        assertThat(source.step()).as("nothing is left to plan").isEmpty();
        assertThat(target.scheduler.reserve(copy, original.length())).as("grows with what came since").isTrue();
        copy.catchUp(original);
        copyKeysAndValues(source, original, target, copy);
        target.scheduler.resume(copy);
        source.scheduler.finish(original, FinishReason.ABORTED);
        SchedulerInvariants.checkIdle(source.scheduler);
        assertThat(target.step()).contains("1:" + (21 + 11 - 1) + "+1");
        target.runToEnd();
        assertThat(copy.finishReason()).contains(FinishReason.LENGTH);
        assertThat(other.isFinished()).isTrue();
        for (int p = 0; p < expected.length(); p++) {
            assertThat(copy.token(p)).as("token " + p).isEqualTo(expected.token(p));
        }
        assertThat(target.scheduler.counters().prefillTokens()).as("only the other's prompt").isEqualTo(9);
    }

    @Test
    void aParkedSequenceMayStayAfterAll() {
        Bench bench = new Bench(50, 4, 16);
        Sequence sequence = bench.submit(sequence(1, 6).maxTokens(10));
        bench.steps(3);
        bench.scheduler.park(sequence);
        assertThat(bench.scheduler.hasWork()).isFalse();
        assertThat(bench.scheduler.parked()).isEqualTo(1);
        bench.scheduler.resume(sequence);
        assertThat(bench.step()).containsExactly("1:8+1");
        bench.runToEnd();
        assertThat(sequence.generated()).isEqualTo(10);
    }

    @Test
    void aReservationTakesBlocksAndAPlaceOrNothing() {
        Bench bench = new Bench(10, 2, 16);
        Sequence large = bench.submit(sequence(1, 24).maxTokens(2));
        bench.step();
        int free = bench.cache.pool().freeBlocks();
        Sequence copy = sequence(2, 20).maxTokens(3).build();
        assertThat(bench.scheduler.reserve(copy, 20)).isFalse();
        assertThat(copy.state()).isEqualTo(SequenceState.NEW);
        assertThat(bench.cache.pool().freeBlocks()).isEqualTo(free);
        assertThat(bench.scheduler.reserve(copy, 8)).isTrue();
        assertThat(bench.cache.pool().freeBlocks()).isEqualTo(free - 2);
        Sequence third = sequence(3, 2).maxTokens(1).build();
        assertThat(bench.scheduler.reserve(third, 2)).as("both places are taken").isFalse();
        bench.submit(sequence(4, 2).maxTokens(1));
        bench.scheduler.finish(large, FinishReason.STOP);
        assertThat(bench.step()).containsExactly("4:0+2");
        assertThatThrownBy(() -> bench.scheduler.resume(copy)).isInstanceOf(IllegalStateException.class);
        assertThat(bench.scheduler.abort(copy)).isTrue();
        SchedulerInvariants.checkIdle(bench.scheduler);
        Sequence never = sequence(5, 20).maxTokens(40).build();
        assertThat(bench.scheduler.reserve(never, 4)).as("it would never fit").isFalse();
    }

    @Test
    void aReservationLeavesTheWatermark() {
        Bench bench = new Bench(10, SchedulerConfig.forPool(4, 0).withWatermarkBlocks(3), new SarathiPlanner(), 16);
        bench.submit(sequence(1, 8).maxTokens(2));
        bench.step();
        Sequence copy = sequence(2, 24).maxTokens(2).build();
        assertThat(bench.scheduler.reserve(copy, 24)).as("six of eight free, three of which must stay").isFalse();
        assertThat(bench.scheduler.reserve(copy, 20)).isTrue();
    }

    @Test
    void onlyASequenceBetweenTwoDecodesCanBeParked() {
        Bench bench = new Bench(50, 4, 8);
        Sequence sequence = bench.submit(sequence(1, 12).maxTokens(9));
        assertThat(bench.scheduler.canPark(sequence)).as("waiting").isFalse();
        bench.step();
        assertThatThrownBy(() -> bench.scheduler.park(sequence)).as("in its prompt")
                .isInstanceOf(IllegalStateException.class).hasMessageContaining("4 tokens to compute");
        bench.step();
        BatchPlan plan = bench.plan();
        assertThatThrownBy(() -> bench.scheduler.park(sequence)).as("in flight").isInstanceOf(IllegalStateException.class);
        bench.commit(plan);
        assertThat(bench.scheduler.canPark(sequence)).isTrue();
        assertThatThrownBy(() -> sequence.catchUp(sequence)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aContinuationMayAlsoComputeItsTokensAgain() {
        Bench source = new Bench(50, 4, 16);
        Sequence original = source.submit(sequence(1, 21).maxTokens(30));
        source.until(() -> original.generated() == 7, source::step);
        Bench target = new Bench(50, 4, 16);
        Sequence copy = original.continuation();
        assertThat(target.scheduler.submit(copy)).isInstanceOf(Admission.Accepted.class);
        assertThat(target.step()).containsExactly("1:0+16");
        target.runToEnd();
        source.runToEnd();
        assertThat(copy.generated()).isEqualTo(30);
        assertThat(copy.token(50)).isEqualTo(original.token(50));
    }
}
