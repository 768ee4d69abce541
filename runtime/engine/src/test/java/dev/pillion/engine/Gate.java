package dev.pillion.engine;

import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/** Holds the engine at a moment of a kind until it is opened, as a device that hangs would. */
final class Gate implements Consumer<FakeBackend.Moment> {
    private final FakeBackend.Moment moment;
    private int skips;
    private final CountDownLatch reached = new CountDownLatch(1);
    private final CountDownLatch opened = new CountDownLatch(1);
    private final AtomicReference<Thread> held = new AtomicReference<>();

    Gate(FakeBackend.Moment moment, int skips) {
        this.moment = moment;
        this.skips = skips;
    }

    /** A gate before the keys and values of the next step are written. */
    static Gate in(FakeEngine engine) {
        return after(0, engine);
    }

    /** A gate before the keys and values are written of the step that comes after {@code steps} more. */
    static Gate after(int steps, FakeEngine engine) {
        Gate gate = new Gate(FakeBackend.Moment.WRITE, steps);
        engine.backend().probe = gate;
        return gate;
    }

    @Override
    public void accept(FakeBackend.Moment now) {
        if (now == moment && skips-- <= 0 && opened.getCount() > 0) {
            held.set(Thread.currentThread());
            reached.countDown();
            await(opened);
        }
    }

    /** Waits until the engine is held and says which thread it is. */
    Thread awaitReached() {
        await(reached);
        return Optional.ofNullable(held.get()).orElseThrow();
    }

    void open() {
        opened.countDown();
    }

    static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted", e);
        }
    }
}
