package dev.pillion.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pillion.EngineHealth;
import dev.pillion.FinishReason;
import dev.pillion.Generation;
import dev.pillion.PillionException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Closing at every moment: every caller ends, the thread ends, the backend is closed once. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class CloseTest {
    private static final long SEED = Long.getLong("pillion.test.seed", 20260721L);

    private final FakeEngine engine = FakeEngine.of(FakeEngine.options().build());
    private final EngineCore core = engine.core();

    @AfterEach
    void backendIsClosedOnce() {
        assertThat(engine.backend().closes).hasValue(1);
        assertThat(core.health().state()).isEqualTo(EngineHealth.State.CLOSED);
        assertThat(core.health().waiting()).isZero();
        assertThat(core.health().running()).isZero();
        assertThat(Requests.code(() -> core.submit(Requests.of(1, 1)))).contains(PillionException.Code.CLOSED);
        assertThat(Requests.code(() -> core.logits(new int[] {1}, true))).contains(PillionException.Code.CLOSED);
    }

    @Test
    void beforeTheStart() {
        Generation generation = core.submit(Requests.of(4, 10));
        core.close();
        core.close();
        assertThat(generation.result().finishReason()).isEqualTo(FinishReason.CANCELLED);
    }

    @Test
    void whileRequestsRunAndWait() {
        Gate gate = Gate.in(engine);
        core.start();
        List<Generation> generations = new ArrayList<>();
        generations.add(core.submit(Requests.of(9, 10)));
        Thread loop = gate.awaitReached();
        for (int i = 0; i < 20; i++) {
            generations.add(core.submit(Requests.of(9, i)));
        }
        Thread closer = Thread.ofVirtual().start(core::close);
        awaitClosing();
        gate.open();
        generations.forEach(
                generation -> assertThat(generation.result().finishReason()).isEqualTo(FinishReason.CANCELLED));
        join(closer);
        assertThat(loop.isAlive()).isFalse();
    }

    /** State CLOSED shows from the moment close was called. */
    private void awaitClosing() {
        while (core.health().state() != EngineHealth.State.CLOSED) {
            Thread.onSpinWait();
        }
    }

    @Test
    void fromSeveralThreadsAtOnce() {
        Gate gate = Gate.in(engine);
        core.start();
        Generation generation = core.submit(Requests.of(9, 10));
        Thread loop = gate.awaitReached();
        AtomicInteger notThrough = new AtomicInteger();
        List<Thread> closers = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            closers.add(Thread.ofVirtual().start(() -> {
                core.close();
                notThrough.addAndGet(engine.backend().closes.get() == 1 && generation.isDone() ? 0 : 1);
            }));
        }
        awaitClosing();
        gate.open();
        closers.forEach(CloseTest::join);
        assertThat(notThrough).as("closers that came back before the engine was closed").hasValue(0);
        assertThat(loop.isAlive()).isFalse();
        assertThat(generation.result().finishReason()).isEqualTo(FinishReason.CANCELLED);
    }

    @Test
    void whileLogitsAreComputedAndWaitedFor() {
        Gate gate = Gate.in(engine);
        core.start();
        CompletableFuture<Boolean> computed =
                CompletableFuture.supplyAsync(() -> core.logits(new int[] {1, 2, 3}, true).length == 3);
        gate.awaitReached();
        CompletableFuture<float[][]> behind = core.submitLogits(new int[] {4}, false);
        Thread closer = Thread.ofVirtual().start(core::close);
        awaitClosing();
        gate.open();
        assertThat(computed.join()).as("the job that runs is completed").isTrue();
        join(closer);
        assertThat(behind.isDone()).isTrue();
    }

    @Test
    void byAnInterruptedThread() {
        Gate gate = Gate.in(engine);
        core.start();
        Generation generation = core.submit(Requests.of(9, 10));
        Thread loop = gate.awaitReached();
        CompletableFuture<Boolean> stillInterrupted = new CompletableFuture<>();
        Thread closer = Thread.ofPlatform().unstarted(() -> {
            Thread.currentThread().interrupt();
            core.close();
            stillInterrupted.complete(Thread.currentThread().isInterrupted());
        });
        closer.start();
        awaitClosing();
        gate.open();
        assertThat(stillInterrupted.join()).isTrue();
        assertThat(loop.isAlive()).isFalse();
        assertThat(generation.isDone()).isTrue();
    }

    @Test
    void atRandomMomentsWithCallersComingIn() {
        core.close();
        SplittableRandom random = new SplittableRandom(SEED);
        for (int life = 0; life < 300; life++) {
            closeAtStep(random.nextInt(12), life);
        }
    }

    /** Eight callers submit until they are refused, two close when the device has come to a step. */
    private static void closeAtStep(int step, int life) {
        FakeEngine engine = FakeEngine.of(FakeEngine.options().queueCapacity(1_000_000).build());
        CountDownLatch closing = new CountDownLatch(1);
        engine.backend().probe = moment -> {
            if (engine.backend().steps >= step) {
                closing.countDown();
            }
        };
        engine.core().start();
        List<Thread> threads = new ArrayList<>();
        AtomicInteger wrong = new AtomicInteger();
        for (int caller = 0; caller < 8; caller++) {
            int first = 10 + caller;
            threads.add(Thread.ofVirtual().start(() -> wrong.addAndGet(callUntilRefused(engine.core(), first))));
        }
        for (int closer = 0; closer < 2; closer++) {
            threads.add(Thread.ofVirtual().start(() -> {
                Gate.await(closing);
                engine.core().close();
            }));
        }
        threads.forEach(CloseTest::join);
        String which = "seed " + SEED + " (-Dpillion.test.seed), life " + life;
        assertThat(wrong).as(which).hasValue(0);
        assertThat(engine.backend().closes).as(which).hasValue(1);
        assertThat(engine.core().health().waiting()).as(which).isZero();
    }

    /** Number of outcomes that must not be. */
    private static int callUntilRefused(EngineCore core, int first) {
        int wrong = 0;
        List<Integer> answer = Requests.answer(3, first, 7);
        while (true) {
            try {
                Generation generation = core.submit(Requests.of(3, first, 7));
                boolean cancelled = generation.result().finishReason() == FinishReason.CANCELLED;
                List<Integer> tokens = generation.result().tokens();
                wrong += answer.subList(0, tokens.size()).equals(tokens) && (cancelled || tokens.size() == 3) ? 0 : 1;
            } catch (PillionException e) {
                return wrong + (e.code() == PillionException.Code.CLOSED ? 0 : 1);
            }
        }
    }

    @Test
    void isSaidToLaterCallers() {
        core.close();
        assertThatThrownBy(() -> core.submit(Requests.of(1, 1))).hasMessage("the engine has been closed");
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted", e);
        }
    }
}
