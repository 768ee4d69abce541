package dev.pillion.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pillion.EngineHealth;
import dev.pillion.FinishReason;
import dev.pillion.Generation;
import dev.pillion.PillionException;
import dev.pillion.spi.DeviceLostException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The end of an engine while steps are in flight, on a device that overlaps them. The fake refuses to close within a step. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class AheadEndTest {
    private final FakeEngine engine = FakeEngine.overlapping(FakeEngine.options().build(), System::nanoTime);
    private final EngineCore core = engine.core();

    @Test
    void aDeviceLostUnderTwoStepsIsToldToEveryCaller() {
        AtomicInteger inFlight = new AtomicInteger();
        engine.backend().probe = moment -> {
            if (moment == FakeBackend.Moment.FINISH && core.scheduler().plansInFlight() == 2) {
                inFlight.set(2);
                throw new DeviceLostException("the older step hangs", new IllegalStateException());
            }
        };
        List<Generation> generations = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            generations.add(core.submit(Requests.of(9, 10 + i)));
        }
        CompletableFuture<float[][]> logits = core.submitLogits(new int[] {1, 2}, false);
        core.start();
        for (Generation generation : generations) {
            assertThatThrownBy(generation::result)
                    .isInstanceOfSatisfying(
                            PillionException.class,
                            e -> assertThat(e.code()).isEqualTo(PillionException.Code.ENGINE_FAILED))
                    .hasMessageContaining("the older step hangs");
        }
        assertThat(inFlight).hasValue(2);
        assertThat(logits.isDone()).isTrue();
        EngineHealth health = core.health();
        assertThat(health.state()).isEqualTo(EngineHealth.State.FAILED);
        assertThat(health.waiting()).isZero();
        assertThat(health.running()).isZero();
        core.close();
        assertThat(engine.backend().closes).hasValue(1);
    }

    @Test
    void closingGivesUpTheStepThatRuns() {
        Generation generation = core.submit(Requests.of(9, 10));
        core.step();
        core.step();
        assertThat(core.scheduler().plansInFlight()).as("a step planned ahead runs").isEqualTo(1);
        core.close();
        assertThat(engine.backend().closes).hasValue(1);
        assertThat(generation.result().finishReason()).isEqualTo(FinishReason.CANCELLED);
        assertThat(Requests.answer(9, 10)).startsWith(generation.result().tokens().toArray(Integer[]::new));
    }

    /** What a device is told, it is told by the engine's thread; the fake lets no other one touch a step. */
    @Test
    void aStepThatRunsIsGivenUpByTheEnginesThread() {
        Gate gate = Gate.in(engine);
        core.start();
        Generation generation = core.submit(Requests.of(9, 10));
        gate.awaitReached();
        Thread.ofVirtual().start(core::close);
        while (core.health().state() != EngineHealth.State.CLOSED) {
            Thread.onSpinWait();
        }
        gate.open();
        assertThat(generation.result().finishReason()).isEqualTo(FinishReason.CANCELLED);
        core.close();
        assertThat(engine.backend().closes).hasValue(1);
    }

    /** The last step of a request that a token ended is a ghost; the engine sees it through before it rests. */
    @Test
    void nothingIsInFlightWhenThereIsNothingToDo() {
        Generation generation = core.submit(Requests.of(9, 10));
        engine.runToIdle();
        assertThat(core.scheduler().plansInFlight()).isZero();
        assertThat(generation.result().tokens()).isEqualTo(Requests.answer(9, 10));
        core.close();
        assertThat(engine.backend().closes).hasValue(1);
    }
}
