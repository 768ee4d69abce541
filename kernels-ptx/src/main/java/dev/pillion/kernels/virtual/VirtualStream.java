package dev.pillion.kernels.virtual;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** A stream: work that runs in order on a thread of its own. */
final class VirtualStream {
    private final ContextState state;
    private final Deque<Runnable> queue = new ArrayDeque<>();
    private final String name;
    private @Nullable Thread thread;
    private boolean busy;
    private boolean ended;
    private @Nullable Capture capture;

    VirtualStream(ContextState state, String name) {
        this.state = state;
        this.name = name;
    }

    /** The recording that work goes to instead of running. */
    @Nullable
    Capture capture() {
        return capture;
    }

    void capture(@Nullable Capture recording) {
        capture = recording;
    }

    /** Puts work at the end, or records it. */
    void put(Runnable work) {
        Capture recording = capture;
        if (recording != null) {
            recording.add(work);
        } else {
            enqueue(work);
        }
    }

    synchronized void enqueue(Runnable work) {
        if (thread == null) {
            thread = Thread.ofPlatform().daemon().name(name).start(this::work);
        }
        queue.add(work);
        notifyAll();
    }

    private void work() {
        Runnable work = next();
        while (work != null) {
            try {
                work.run();
            } catch (RuntimeException | Error e) {
                state.fail(CudaResult.UNKNOWN, "the virtual GPU failed: " + e);
            }
            work = next();
        }
    }

    private synchronized @Nullable Runnable next() {
        busy = false;
        notifyAll();
        while (queue.isEmpty() && !ended) {
            try {
                wait();
            } catch (InterruptedException e) {
                ended = true;
            }
        }
        busy = !queue.isEmpty();
        return queue.poll();
    }

    /** Waits until nothing is left to do, or until the context is closed. */
    synchronized void drain() {
        MonitorWait.during(this, () -> (busy || !queue.isEmpty()) && !state.closed());
    }

    /** Ends the thread once it has nothing left to do. */
    synchronized void end() {
        ended = true;
        notifyAll();
    }

    /** Drops what has not begun and ends. */
    synchronized void abandon() {
        queue.clear();
        end();
    }

    /** Waits for the thread to end. */
    void join() {
        Thread running;
        synchronized (this) {
            running = thread;
        }
        boolean interrupted = false;
        while (running != null && running.isAlive() && running != Thread.currentThread()) {
            try {
                running.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
