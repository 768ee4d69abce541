package dev.pillion.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pillion.Engine;
import dev.pillion.EngineHealth;
import dev.pillion.FinishReason;
import dev.pillion.GeneratedToken;
import dev.pillion.Generation;
import dev.pillion.GenerationListener;
import dev.pillion.GenerationResult;
import dev.pillion.PillionException;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Listeners and the rest of the public door, over the fake device. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ListenerTest {
    private final FakeBackend backend = new FakeBackend();
    private final TinyModel model = new TinyModel();
    private final Engine engine = open();

    private Engine open() {
        FakeProvider.NEXT.set(backend);
        try {
            return Engine.open(model.open(), FakeEngine.options().backend("fake").build());
        } finally {
            FakeProvider.NEXT.remove();
        }
    }

    @AfterEach
    void everythingIsClosedOnce() {
        engine.close();
        engine.close();
        assertThat(backend.closes).hasValue(1);
        assertThat(model.closes.get()).isPositive();
    }

    /** Notes what it hears. */
    private static class Recorder implements GenerationListener {
        final Queue<Integer> tokens = new ConcurrentLinkedQueue<>();
        final CompletableFuture<GenerationResult> end = new CompletableFuture<>();
        final CompletableFuture<Thread> thread = new CompletableFuture<>();

        @Override
        public void onToken(GeneratedToken token) {
            tokens.add(token.id());
            thread.complete(Thread.currentThread());
        }

        @Override
        public void onFinish(GenerationResult result) {
            end.complete(result);
        }

        @Override
        public void onError(PillionException error) {
            end.completeExceptionally(error);
        }
    }

    @Test
    void hearsTokensAndTheEndOffTheEnginesThread() {
        CompletableFuture<Thread> engineThread = new CompletableFuture<>();
        backend.probe = moment -> engineThread.complete(Thread.currentThread());
        Recorder recorder = new Recorder();
        Generation generation = engine.submit(Requests.of(6, 10), recorder);
        assertThat(recorder.end.join()).isEqualTo(generation.result());
        assertThat(recorder.tokens).containsExactlyElementsOf(Requests.answer(6, 10));
        assertThat(recorder.thread.join()).isNotEqualTo(engineThread.join());
        assertThat(recorder.thread.join().isVirtual()).isTrue();
    }

    @Test
    void hearsOfAFailure() {
        Recorder recorder = new Recorder();
        engine.submit(Requests.of(60, FakeFunction.FRAGILE_START), recorder);
        assertThat(recorder.end.handle((result, failure) -> failure).join()).isInstanceOf(PillionException.class);
    }

    @Test
    void oneThatThrowsCancelsItsGenerationOnly() {
        Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
        CompletableFuture<Throwable> uncaught = new CompletableFuture<>();
        Thread.setDefaultUncaughtExceptionHandler((thread, failure) -> uncaught.complete(failure));
        try {
            Gate gate = new Gate(FakeBackend.Moment.WRITE, 3);
            backend.probe = gate;
            Generation broken = engine.submit(Requests.of(62, 10), token -> {
                // Earlier, the cancellation could come before the step the gate holds.
                gate.awaitReached();
                throw new IllegalStateException("the listener is broken");
            });
            assertThat(uncaught.join()).hasMessage("the listener is broken");
            Recorder sound = new Recorder();
            engine.submit(Requests.of(6, 20), sound);
            gate.open();
            assertThat(sound.end.join().tokens()).isEqualTo(Requests.answer(6, 20));
            assertThat(broken.result().finishReason()).isEqualTo(FinishReason.CANCELLED);
            assertThat(broken.result().tokens()).isEqualTo(Requests.answer(4, 10));
        } finally {
            Thread.setDefaultUncaughtExceptionHandler(before);
        }
    }

    @Test
    void slowOneHoldsUpNobody() {
        CountDownLatch goOn = new CountDownLatch(1);
        Recorder slow = new Recorder() {
            @Override
            public void onToken(GeneratedToken token) {
                Gate.await(goOn);
                super.onToken(token);
            }
        };
        engine.submit(Requests.of(20, 10), slow);
        for (int i = 0; i < 20; i++) {
            assertThat(engine.generate(Requests.of(4, 30, i)).tokens()).isEqualTo(Requests.answer(4, 30, i));
        }
        goOn.countDown();
        assertThat(slow.end.join().tokens()).isEqualTo(Requests.answer(20, 10));
        assertThat(slow.tokens).containsExactlyElementsOf(Requests.answer(20, 10));
    }

    @Test
    void closeEndsWhatAListenerWaitsFor() throws InterruptedException {
        Gate gate = new Gate(FakeBackend.Moment.WRITE, 0);
        backend.probe = gate;
        Recorder recorder = new Recorder();
        engine.submit(Requests.of(62, 10), recorder);
        gate.awaitReached();
        Thread closer = Thread.ofVirtual().start(engine::close);
        while (engine.health().state() != EngineHealth.State.CLOSED) {
            Thread.onSpinWait();
        }
        gate.open();
        assertThat(recorder.end.join().finishReason()).isEqualTo(FinishReason.CANCELLED);
        closer.join();
    }
}
