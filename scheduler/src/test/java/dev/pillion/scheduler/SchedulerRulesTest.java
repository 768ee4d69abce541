package dev.pillion.scheduler;

import static dev.pillion.scheduler.Bench.sequence;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** One test for each rule of scheduling, among them the mistakes that other engines made first. */
class SchedulerRulesTest {
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

    @Test
    void admissionNeedsBlocksForTheWholePromptNotForItsFirstChunk() {
        Bench bench = new Bench(10, 8, 16);
        bench.submit(sequence(1, 24).maxTokens(2));
        bench.submit(sequence(2, 24).maxTokens(2));
        assertThat(bench.step()).containsExactly("1:0+16");
        assertThat(bench.step()).containsExactly("1:16+8");
        assertThat(bench.step()).containsExactly("1:24+1");
        assertThat(bench.step()).containsExactly("2:0+16");
    }

    @Test
    void theWatermarkKeepsRoomForGrowthButNeverStopsTheOnlyOne() {
        Bench bench = new Bench(10, config(8).withWatermarkBlocks(4), new SarathiPlanner(), 64);
        bench.submit(sequence(1, 28).maxTokens(8));
        bench.submit(sequence(2, 4).maxTokens(2));
        assertThat(bench.step()).containsExactly("1:0+28");
        assertThat(bench.step()).containsExactly("1:28+1");
        bench.runToEnd();
    }

    @Test
    void whatCanNeverFitIsRefusedWithTheNumbers() {
        Bench bench = new Bench(10, 4, 16);
        assertThat(bench.scheduler.submit(sequence(1, 30).maxTokens(12).build()))
                .isEqualTo(new Admission.NeverFits(Admission.Resource.BLOCKS, 11, 10));
        assertThat(bench.scheduler.submit(sequence(1, 30).maxTokens(11).build()))
                .isInstanceOf(Admission.Accepted.class);
        assertThat(bench.scheduler.submit(sequence(2, 3).maxTokens(1).samples(5).build()))
                .isEqualTo(new Admission.NeverFits(Admission.Resource.SEQUENCES, 5, 4));
        bench.runToEnd();
        assertThat(bench.scheduler.counters().refusedNeverFits()).isEqualTo(2);
    }

    @Test
    void aFullQueueRefusesWithTheNumbersForARetryHint() {
        Bench bench = new Bench(10, config(1).withMaxWaiting(2), new SarathiPlanner(), 16);
        bench.submit(sequence(1, 3).maxTokens(5));
        bench.step();
        bench.submit(sequence(2, 7).maxTokens(5));
        bench.submit(sequence(3, 8).maxTokens(5));
        Sequence late = sequence(4, 3).maxTokens(5).build();
        assertThat(bench.scheduler.submit(late)).isEqualTo(new Admission.QueueFull(2, 2, 15, 1));
        bench.runToEnd();
        assertThat(bench.scheduler.submit(late)).isInstanceOf(Admission.Accepted.class);
    }

    @Test
    void aHeadThatDoesNotFitIsOvertakenOnlySoOften() {
        Bench bench = new Bench(10, config(8).withOvertaking(3, 16), new SarathiPlanner(), 64);
        bench.submit(sequence(1, 20).maxTokens(21));
        bench.step();
        bench.submit(sequence(2, 24).maxTokens(2));
        for (int id = 3; id < 10; id++) {
            bench.submit(sequence(id, 2).maxTokens(2));
        }
        List<String> second = bench.step();
        assertThat(second).containsExactly("1:20+1", "3:0+2", "4:0+2", "5:0+2");
        List<String> all = new ArrayList<>();
        bench.until(() -> all.stream().anyMatch(segment -> segment.startsWith("2:")), () -> all.addAll(bench.step()));
        assertThat(all).noneMatch(segment -> segment.matches("[6-9]:.*")
                && all.indexOf(segment) < all.indexOf("2:0+24"));
        bench.runToEnd();
        assertThat(bench.scheduler.counters().overtakes()).isEqualTo(3);
    }

    @Test
    void withoutOvertakingTheQueueIsStrict() {
        Bench bench = new Bench(10, config(8).withOvertaking(0, 16), new SarathiPlanner(), 64);
        bench.submit(sequence(1, 20).maxTokens(5));
        bench.step();
        bench.submit(sequence(2, 24).maxTokens(2));
        bench.submit(sequence(3, 2).maxTokens(2));
        assertThat(bench.step()).containsExactly("1:20+1");
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
        bench.submit(sequence(3, 4).maxTokens(4));
        bench.until(first::isFinished, () -> assertThat(bench.step()).noneMatch(segment -> segment.startsWith("3:")));
        List<String> next = bench.step();
        assertThat(next.get(0)).startsWith("2:");
        assertThat(second.generated()).isEqualTo(generated + 1);
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
