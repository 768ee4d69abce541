package dev.pillion.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pillion.EngineOptions;
import dev.pillion.FinishReason;
import dev.pillion.Generation;
import dev.pillion.GenerationRequest;
import dev.pillion.memory.BlockPool;
import dev.pillion.sampling.SamplingParams;
import dev.pillion.scheduler.SchedulerInvariants;
import org.junit.jupiter.api.Test;

/** Cancelling at every point of a request's life, one step at a time. */
class CancellationTest {
    private final FakeEngine engine = FakeEngine.of(FakeEngine.options().build());
    private final EngineCore core = engine.core();
    private final BlockPool pool = core.scheduler().cache().pool();

    @Test
    void blocksAreFreeWithinOneStep() {
        Generation generation = core.submit(Requests.of(40, 10, 11, 12, 13, 14));
        core.step();
        core.step();
        assertThat(pool.freeBlocks()).isLessThan(pool.blocks());
        generation.cancel();
        core.step();
        assertThat(pool.freeBlocks()).isEqualTo(pool.blocks());
        assertThat(generation.result().finishReason()).isEqualTo(FinishReason.CANCELLED);
        assertThat(generation.result().tokens()).isEqualTo(Requests.answer(2, 10, 11, 12, 13, 14));
        assertThat(Requests.read(generation)).isEqualTo(generation.result().tokens());
        SchedulerInvariants.checkIdle(core.scheduler());
    }

    @Test
    void requestStillInTheInboxNeverRuns() {
        Generation generation = core.submit(Requests.of(4, 10));
        generation.cancel();
        core.step();
        assertThat(generation.result().finishReason()).isEqualTo(FinishReason.CANCELLED);
        assertThat(generation.result().tokens()).isEmpty();
        assertThat(engine.backend().steps).isZero();
        assertThat(core.health().waiting()).isZero();
    }

    @Test
    void requestThatWaitsForAPlaceLeavesTheQueue() {
        for (int i = 0; i < 4; i++) {
            core.submit(Requests.of(10, i));
        }
        Generation waiting = core.submit(Requests.of(10, 40));
        core.step();
        assertThat(core.health().waiting()).isEqualTo(1);
        waiting.cancel();
        core.step();
        assertThat(core.health().waiting()).isZero();
        assertThat(waiting.isDone()).isTrue();
        assertThat(core.health().running()).isEqualTo(4);
    }

    @Test
    void promptHalfComputedIsDropped() {
        int[] prompt = new int[40];
        Generation generation = core.submit(Requests.of(4, prompt));
        core.step();
        assertThat(core.scheduler().running(0).computed()).isEqualTo(16);
        generation.close();
        core.step();
        assertThat(generation.isDone()).isTrue();
        SchedulerInvariants.checkIdle(core.scheduler());
    }

    @Test
    void afterTheEndItChangesNothing() {
        Generation generation = core.submit(Requests.of(3, 10));
        engine.runToIdle();
        generation.cancel();
        generation.close();
        assertThat(core.step()).as("there is nothing to take from the inbox").isFalse();
        assertThat(generation.result().finishReason()).isEqualTo(FinishReason.LENGTH);
    }

    @Test
    void aCancelThatLosesTheRaceChangesNothing() {
        Generation generation = core.submit(Requests.of(1, 10));
        generation.cancel();
        Generation other = core.submit(Requests.of(1, 11));
        engine.backend().probe = moment -> other.cancel();
        core.step();
        engine.backend().probe = moment -> {};
        core.step();
        assertThat(generation.result().finishReason()).isEqualTo(FinishReason.CANCELLED);
        assertThat(other.result().finishReason()).isEqualTo(FinishReason.LENGTH);
        assertThat(core.health().waiting()).isZero();
    }

    @Test
    void twiceIsOnce() {
        Generation generation = core.submit(Requests.of(9, 10));
        core.step();
        generation.cancel();
        generation.cancel();
        core.step();
        assertThat(core.health().waiting()).isZero();
        assertThat(core.openRequests()).isZero();
        assertThat(generation.result().finishReason()).isEqualTo(FinishReason.CANCELLED);
    }

    @Test
    void allSamplesEnd() {
        GenerationRequest request = GenerationRequest.builder(new int[] {10, 11})
                .sampling(SamplingParams.builder().seed(7).build())
                .stop(Requests.stop(20))
                .samples(3)
                .build();
        Generation generation = core.submit(request);
        core.step();
        core.step();
        assertThat(core.health().running()).isEqualTo(3);
        generation.cancel();
        core.step();
        assertThat(generation.result().completions())
                .hasSize(3)
                .allMatch(completion -> completion.finishReason() == FinishReason.CANCELLED)
                .allMatch(completion -> completion.tokens().size() == 2);
        SchedulerInvariants.checkIdle(core.scheduler());
    }

    @Test
    void preemptedRequestEnds() {
        EngineOptions tight = FakeEngine.options().contextTokens(32).kvBytes(TinyModel.kvBytes(9, 4)).build();
        FakeEngine small = FakeEngine.of(tight);
        Generation old = small.core().submit(Requests.of(28, 10, 11));
        Generation young = small.core().submit(Requests.of(28, 20, 21));
        while (small.core().scheduler().counters().preemptions() == 0) {
            assertThat(small.core().step()).isTrue();
        }
        young.cancel();
        small.runToIdle();
        assertThat(young.result().finishReason()).isEqualTo(FinishReason.CANCELLED);
        assertThat(old.result().tokens()).isEqualTo(Requests.answer(28, 10, 11));
        SchedulerInvariants.checkIdle(small.core().scheduler());
    }
}
