package dev.pillion.kernels.virtual;

import org.jspecify.annotations.Nullable;

/** An event: the last mark that was set for it. */
final class VirtualEvent {
    private Mark mark = Mark.passed();
    private @Nullable Capture capture;

    /** A place in a stream. */
    static final class Mark {
        private boolean done;
        private long nanos;

        private static Mark passed() {
            Mark mark = new Mark();
            mark.pass();
            return mark;
        }

        synchronized void pass() {
            done = true;
            nanos = System.nanoTime();
            notifyAll();
        }

        synchronized boolean done() {
            return done;
        }

        synchronized long nanos() {
            return nanos;
        }

        /** Waits until it is passed, or until the context is closed. */
        synchronized void await(ContextState state) {
            MonitorWait.during(this, () -> !done && !state.closed());
        }

        synchronized void wake() {
            notifyAll();
        }
    }

    synchronized Mark mark() {
        return mark;
    }

    synchronized Mark newMark() {
        mark = new Mark();
        return mark;
    }

    /** The recording it was last recorded in. */
    synchronized @Nullable Capture capture() {
        return capture;
    }

    synchronized void capture(@Nullable Capture recording) {
        capture = recording;
    }
}
