package dev.pillion.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pillion.EngineOptions;
import dev.pillion.Generation;
import dev.pillion.GenerationRequest;
import dev.pillion.MemoryPlan;
import dev.pillion.PillionException;
import dev.pillion.sampling.StopConditions;
import dev.pillion.spi.DeviceTelemetry;
import dev.pillion.spi.OperationCounters;
import java.time.Duration;
import java.util.Set;
import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** What is refused at submission, with the numbers, and what is taken later. */
class AdmissionTest {
    private final EngineOptions options = FakeEngine.options().queueCapacity(3).build();
    private final FakeEngine engine = FakeEngine.of(options);
    private final EngineCore core = engine.core();

    @Test
    void fullQueueRefusesUntilThereIsAPlace() {
        for (int i = 0; i < 3; i++) {
            core.submit(Requests.of(2, i));
        }
        assertThatThrownBy(() -> core.submit(Requests.of(2, 9)))
                .isInstanceOfSatisfying(PillionException.class, failure ->
                        assertThat(failure.code()).isEqualTo(PillionException.Code.QUEUE_FULL))
                .hasMessageContaining("3");
        assertThat(core.health().waiting()).isEqualTo(3);
        core.step();
        Generation later = core.submit(Requests.of(2, 9));
        engine.runToIdle();
        assertThat(later.result().tokens()).isEqualTo(Requests.answer(2, 9));
    }

    @Test
    void promptWithoutRoomToGenerate() {
        refused(() -> core.submit(Requests.of(1, new int[64]))).hasMessageContaining("64 tokens, the context 64");
        refused(() -> core.submit(Requests.of(1, new int[65]))).hasMessageContaining("65").hasMessageContaining("64");
        assertThat(core.submit(Requests.of(1, new int[63])).isDone()).isFalse();
    }

    @Test
    void requestThatNeverFitsTheCache() {
        MemoryPlan plan = FakeEngine.plan(options);
        MemoryPlan small = new MemoryPlan(
                plan.weightBytes(), plan.kvBlockBytes(), 8, 4, 0, plan.workspaceBytes(), plan.contextTokens(), plan.kvType());
        EngineTelemetry telemetry = new EngineTelemetry(
                SchedulerSetup.scheduler(options, plan),
                new OperationCounters(),
                DeviceTelemetry.NONE,
                () -> 0,
                System::nanoTime);
        RequestFactory factory = new RequestFactory(new TinyModel().open(), small, 4, telemetry);
        refused(() -> factory.create(Requests.of(23, new int[11]), request -> {}))
                .hasMessageContaining("33 tokens (11 of the prompt)")
                .hasMessageContaining("holds 32");
        factory.create(Requests.of(22, new int[11]), request -> {});
    }

    @Test
    void tokensTheModelDoesNotHave() {
        refused(() -> core.submit(Requests.of(1, 3, 64))).hasMessageContaining("64 at 1").hasMessageContaining("0 to 63");
        refused(() -> core.submit(Requests.of(1, -1))).hasMessageContaining("-1 at 0");
        refused(() -> core.submit(Requests.of(1))).hasMessageContaining("no tokens");
        refused(() -> core.logits(new int[] {1, 99}, true)).hasMessageContaining("99 at 1");
        refused(() -> core.logits(new int[65], true)).hasMessageContaining("65 tokens, the context 64");
        GenerationRequest stops = GenerationRequest.builder(new int[] {1})
                .stop(StopConditions.builder().stopTokenIds(Set.of(64)).build())
                .build();
        refused(() -> core.submit(stops)).hasMessageContaining("64").hasMessageContaining("63");
    }

    @Test
    void moreSamplesThanRunAtOnce() {
        GenerationRequest request = GenerationRequest.builder(new int[] {1}).samples(5).build();
        refused(() -> core.submit(request)).hasMessageContaining("5 samples").hasMessageContaining("4 sequences");
        refused(() -> GenerationRequest.builder(new int[] {1}).samples(1025)).hasMessageContaining("1025");
    }

    @Test
    void refusalTakesNoPlaceInTheQueue() {
        for (int i = 0; i < 10; i++) {
            refused(() -> core.submit(Requests.of(1, 64)));
        }
        assertThat(core.health().waiting()).isZero();
    }

    @Test
    void deadlinesOfAnySizeAreTaken() {
        Duration[] deadlines = {Duration.ofSeconds(Long.MAX_VALUE), Duration.ofSeconds(Long.MIN_VALUE), Duration.ZERO};
        for (Duration deadline : deadlines) {
            GenerationRequest request = GenerationRequest.builder(new int[] {1})
                    .stop(Requests.stop(2))
                    .deadline(deadline)
                    .build();
            Generation generation = core.submit(request);
            engine.runToIdle();
            assertThat(generation.result().tokens()).isEqualTo(Requests.answer(2, 1));
        }
    }

    private static AbstractThrowableAssert<?, ? extends Throwable> refused(ThrowingCallable call) {
        return assertThatThrownBy(call).isInstanceOfSatisfying(
                PillionException.class, failure ->
                        assertThat(failure.code()).isEqualTo(PillionException.Code.BAD_REQUEST));
    }
}
