package dev.pillion.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pillion.EngineHealth;
import dev.pillion.Generation;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a health check sees, a device that hangs included. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HealthTest {
    private final AtomicLong clock = new AtomicLong();
    private final FakeEngine engine = FakeEngine.of(FakeEngine.options().build(), clock::get);
    private final EngineCore core = engine.core();

    @Test
    void hangInTheFirstStepShows() {
        Gate gate = Gate.in(engine);
        core.start();
        Generation generation = core.submit(Requests.of(4, 10));
        gate.awaitReached();
        expectRunningAndAgeing();
        gate.open();
        assertThat(generation.result().tokens()).isEqualTo(Requests.answer(4, 10));
        core.close();
    }

    @Test
    void hangInALaterStepShows() {
        Gate gate = Gate.after(5, engine);
        core.start();
        Generation generation = core.submit(Requests.of(50, 10));
        generation.next();
        gate.awaitReached();
        expectRunningAndAgeing();
        gate.open();
        assertThat(generation.result().tokens()).isEqualTo(Requests.answer(50, 10));
        core.close();
    }

    @Test
    void hangInLogitsShows() {
        Gate gate = Gate.in(engine);
        core.start();
        CompletableFuture<float[][]> logits = core.submitLogits(new int[] {1, 2}, false);
        gate.awaitReached();
        expectRunningAndAgeing();
        gate.open();
        assertThat(logits.join()[0]).isEqualTo(Oracle.logitsAfter(new int[] {1, 2}));
        core.close();
    }

    private void expectRunningAndAgeing() {
        Duration before = core.health().lastStepAge();
        clock.addAndGet(Duration.ofSeconds(30).toNanos());
        EngineHealth health = core.health();
        assertThat(health.state()).isEqualTo(EngineHealth.State.RUNNING);
        assertThat(health.running()).isEqualTo(1);
        assertThat(health.waiting()).isZero();
        assertThat(health.lastStepAge()).isEqualTo(before.plusSeconds(30));
    }

    @Test
    void aStepMakesTheAgeZero() {
        clock.addAndGet(1_000);
        core.submit(Requests.of(2, 10));
        core.step();
        assertThat(core.health().lastStepAge()).isEqualTo(Duration.ZERO);
        core.close();
    }

    @Test
    void aFailedStepLetsItGrow() {
        engine.backend().probe = moment -> {
            throw new IllegalStateException("launch failed");
        };
        core.submit(Requests.of(2, 10));
        clock.addAndGet(1_000);
        core.step();
        assertThat(core.health().lastStepAge()).isEqualTo(Duration.ofNanos(1_000));
        core.close();
    }

    @Test
    void failedLogitsLetItGrow() {
        engine.backend().probe = moment -> {
            throw new IllegalStateException("launch failed");
        };
        CompletableFuture<float[][]> logits = core.submitLogits(new int[] {1}, false);
        clock.addAndGet(1_000);
        core.step();
        assertThat(logits).isCompletedExceptionally();
        assertThat(core.health().lastStepAge()).isEqualTo(Duration.ofNanos(1_000));
        core.close();
    }

    @Test
    void waitingRequestsAreWork() {
        core.submit(Requests.of(2, 10));
        assertThat(core.health().state()).isEqualTo(EngineHealth.State.RUNNING);
        assertThat(core.health().waiting()).isEqualTo(1);
        core.close();
        assertThat(core.health().state()).isEqualTo(EngineHealth.State.CLOSED);
    }
}
