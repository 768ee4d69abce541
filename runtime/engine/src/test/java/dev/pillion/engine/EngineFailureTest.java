package dev.pillion.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pillion.EngineHealth;
import dev.pillion.EngineOptions;
import dev.pillion.FinishReason;
import dev.pillion.Generation;
import dev.pillion.MemoryPlan;
import dev.pillion.PillionException;
import dev.pillion.engine.FakeBackend.Moment;
import dev.pillion.memory.KvCache;
import dev.pillion.memory.PrefixHasher;
import dev.pillion.scheduler.FixedBudget;
import dev.pillion.scheduler.QueuePolicy;
import dev.pillion.scheduler.SarathiPlanner;
import dev.pillion.scheduler.Scheduler;
import dev.pillion.scheduler.SchedulerConfig;
import dev.pillion.scheduler.SchedulerInvariants;
import dev.pillion.scheduler.Sequence;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What fails alone, what is tried again, and what ends the engine and is said to everybody. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class EngineFailureTest {
    private final FakeEngine engine = FakeEngine.of(FakeEngine.options().build());
    private final EngineCore core = engine.core();

    @Test
    void stepThatFailsTwiceIsTriedAgain() {
        for (Moment moment : List.of(Moment.BEGIN, Moment.WRITE, Moment.FINISH)) {
            AtomicInteger failures = new AtomicInteger(2);
            engine.backend().probe = now -> {
                if (now == moment && failures.getAndDecrement() > 0) {
                    throw new IllegalStateException("launch failed");
                }
            };
            Generation first = core.submit(Requests.of(6, 10, 11));
            Generation second = core.submit(Requests.of(6, 20));
            engine.runToIdle();
            assertThat(first.result().tokens()).as("after " + moment).isEqualTo(Requests.answer(6, 10, 11));
            assertThat(second.result().tokens()).as("after " + moment).isEqualTo(Requests.answer(6, 20));
            assertThat(failures.get()).isNegative();
        }
        SchedulerInvariants.checkIdle(core.scheduler());
        core.close();
    }

    @Test
    void threeFailedStepsInARowEndTheEngine() {
        AtomicInteger failures = new AtomicInteger();
        engine.backend().probe = moment -> {
            failures.addAndGet(core.scheduler().isInFlight() ? 1 : 0);
            throw new IllegalStateException("launch failed");
        };
        expectEnd("launch failed");
        assertThat(failures).hasValue(3);
    }

    @Test
    void errorEndsTheEngineAtOnce() {
        AtomicInteger failures = new AtomicInteger();
        engine.backend().probe = moment -> {
            failures.incrementAndGet();
            throw new OutOfMemoryError("no memory for the step");
        };
        expectEnd("no memory for the step");
        assertThat(failures).hasValue(1);
    }

    @Test
    void errorInASampleEndsTheEngine() {
        engine.backend().probe = moment -> {
            if (moment == Moment.DOWNLOAD) {
                throw new StackOverflowError("in the copy");
            }
        };
        expectEnd("in the copy");
    }

    /** Open callers, those in the queue, those in the inbox and later ones all hear of it. */
    private void expectEnd(String reason) {
        List<Generation> generations = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            generations.add(core.submit(Requests.of(5, i)));
        }
        CompletableFuture<float[][]> logits = core.submitLogits(new int[] {1}, false);
        core.start();
        for (Generation generation : generations) {
            assertThatThrownBy(generation::result)
                    .isInstanceOfSatisfying(PillionException.class, EngineFailureTest::isEngineFailure)
                    .hasMessageContaining(reason);
            assertThatThrownBy(() -> Requests.read(generation)).hasMessageContaining(reason);
        }
        assertThatThrownBy(logits::join).isInstanceOf(CompletionException.class);
        assertThatThrownBy(() -> core.submit(Requests.of(1, 1)))
                .isInstanceOfSatisfying(PillionException.class, EngineFailureTest::isEngineFailure)
                .hasMessageContaining(reason);
        assertThatThrownBy(() -> core.logits(new int[] {1}, true)).hasMessageContaining(reason);
        EngineHealth health = core.health();
        assertThat(health.state()).isEqualTo(EngineHealth.State.FAILED);
        assertThat(health.failure()).hasValueSatisfying(why -> assertThat(why).contains(reason));
        assertThat(health.waiting()).isZero();
        assertThat(health.running()).isZero();
        core.close();
        core.close();
        assertThat(engine.backend().closes).hasValue(1);
        assertThat(core.health().state()).isEqualTo(EngineHealth.State.FAILED);
    }

    private static void isEngineFailure(PillionException failure) {
        assertThat(failure.code()).isEqualTo(PillionException.Code.ENGINE_FAILED);
    }

    @Test
    void nanLogitsEndTheirRequestOnly() {
        Generation fragile = core.submit(Requests.of(60, FakeFunction.FRAGILE_START, 11));
        Generation sound = core.submit(Requests.of(30, 20, 11));
        engine.runToIdle();
        assertThatThrownBy(fragile::result)
                .isInstanceOfSatisfying(PillionException.class, failure ->
                        assertThat(failure.code()).isEqualTo(PillionException.Code.REQUEST_FAILED))
                .hasMessageContaining("NaN");
        assertThat(sound.result().tokens()).isEqualTo(Requests.answer(30, 20, 11));
        assertThat(core.health().state()).isEqualTo(EngineHealth.State.IDLE);
        SchedulerInvariants.checkIdle(core.scheduler());
        core.close();
    }

    @Test
    void logitsThatFailEndAloneAndSayWhy() {
        engine.backend().probe = moment -> {
            throw new IllegalStateException("launch failed");
        };
        CompletableFuture<float[][]> logits = core.submitLogits(new int[] {1, 2}, true);
        core.step();
        engine.backend().probe = moment -> {};
        assertThatThrownBy(logits::join)
                .cause()
                .isInstanceOfSatisfying(PillionException.class, failure ->
                        assertThat(failure.code()).isEqualTo(PillionException.Code.REQUEST_FAILED))
                .hasMessageContaining("launch failed");
        Generation next = core.submit(Requests.of(4, 10));
        engine.runToIdle();
        assertThat(next.result().tokens()).isEqualTo(Requests.answer(4, 10));
        core.close();
    }

    /** Room for the logits is made by moving cached blocks to the host, which fails: they must not be found there. */
    @Test
    void logitsThatFailWhileMakingRoomSpoilNoCache() {
        long bytes = TinyModel.kvBytes(8, 4);
        FakeEngine tight = FakeEngine.of(
                FakeEngine.options().contextTokens(32).kvBytes(bytes).hostKvBytes(bytes).build());
        int[] prompt = new int[20];
        tight.core().submit(Requests.of(2, prompt));
        tight.runToIdle();
        tight.backend().probe = moment -> {
            throw new IllegalStateException("copy failed at " + moment);
        };
        CompletableFuture<float[][]> logits = tight.core().submitLogits(new int[32], false);
        tight.core().step();
        tight.backend().probe = moment -> {};
        assertThatThrownBy(logits::join).hasMessageContaining("copy failed at COPY");
        Generation again = tight.core().submit(Requests.of(2, prompt));
        tight.runToIdle();
        assertThat(again.result().tokens()).isEqualTo(Requests.answer(2, prompt));
        tight.core().close();
    }

    @Test
    void errorInLogitsReachesTheirCaller() {
        engine.backend().probe = moment -> {
            throw new OutOfMemoryError("no memory for the logits");
        };
        core.start();
        assertThatThrownBy(() -> core.logits(new int[] {1}, false))
                .isInstanceOfSatisfying(PillionException.class, EngineFailureTest::isEngineFailure)
                .hasMessageContaining("no memory for the logits");
        core.close();
    }

    /** Sequences that the queue has in its hands when it fails are in none of the scheduler's lists. */
    @Test
    void failureOfTheSchedulerItselfReachesEverybody() {
        EngineOptions options = FakeEngine.options().build();
        FakeEngine broken = FakeEngine.of(options, System::nanoTime, scheduler(options, new BreaksWhileRanking()));
        List<Generation> generations = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            generations.add(broken.core().submit(Requests.of(5, i)));
        }
        broken.core().start();
        generations.forEach(generation -> assertThat(Requests.code(generation::result))
                .contains(PillionException.Code.ENGINE_FAILED));
        broken.core().close();
        assertThat(broken.core().health().waiting()).isZero();
    }

    private static Scheduler scheduler(EngineOptions options, QueuePolicy policy) {
        MemoryPlan plan = FakeEngine.plan(options);
        KvCache cache = new KvCache(plan.kvBlockTokens(), plan.kvBlocks(), 0, true, new PrefixHasher(1, 2));
        return new Scheduler(
                SchedulerConfig.forPool(options.maxSequences(), plan.kvBlocks()),
                cache,
                new SarathiPlanner(),
                policy,
                new FixedBudget(MemoryPlanner.budgetTokens(options)));
    }

    private static final class BreaksWhileRanking implements QueuePolicy {
        private int ranked;

        @Override
        public String name() {
            return "breaks";
        }

        @Override
        public long key(Sequence sequence) {
            return sequence.id();
        }

        @Override
        public int window() {
            return 16;
        }

        @Override
        public long windowKey(Sequence sequence, KvCache cache) {
            if (++ranked == 4) {
                throw new OutOfMemoryError("no memory to rank with");
            }
            return key(sequence);
        }
    }

    @Test
    void closeAfterAFailureChangesNothingForTheCallers() {
        engine.backend().probe = moment -> {
            throw new OutOfMemoryError("gone");
        };
        Generation generation = core.submit(Requests.of(5, 1));
        core.start();
        assertThat(Requests.code(generation::result)).contains(PillionException.Code.ENGINE_FAILED);
        core.close();
        generation.cancel();
        assertThat(Requests.code(generation::result)).contains(PillionException.Code.ENGINE_FAILED);
        Generation closed = closedWhileOpen();
        assertThat(closed.result().finishReason()).isEqualTo(FinishReason.CANCELLED);
    }

    private static Generation closedWhileOpen() {
        FakeEngine other = FakeEngine.of(FakeEngine.options().build());
        Generation generation = other.core().submit(Requests.of(5, 1));
        other.core().step();
        other.core().close();
        return generation;
    }
}
