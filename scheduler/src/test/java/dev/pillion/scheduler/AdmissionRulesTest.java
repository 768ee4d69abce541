package dev.pillion.scheduler;

import static dev.pillion.scheduler.Bench.sequence;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who is let in, who waits and who may go past whom. */
class AdmissionRulesTest {
    private static SchedulerConfig config(int maxSequences) {
        return SchedulerConfig.forPool(maxSequences, 0);
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
}
