package dev.pillion.kernels.virtual;

import java.util.ArrayList;
import java.util.List;

/** Work that is being recorded, in the order of the calls, which is one that all dependencies allow. */
final class Capture {
    private final VirtualStream origin;
    private final List<VirtualStream> joined = new ArrayList<>();
    private final List<Runnable> work = new ArrayList<>();
    private final Thread thread = Thread.currentThread();
    private String spoiltBy = "";

    Capture(VirtualStream origin) {
        this.origin = origin;
        join(origin);
    }

    VirtualStream origin() {
        return origin;
    }

    /** Work of another stream goes to the recording, since it waits for an event of it. */
    void join(VirtualStream stream) {
        if (stream.capture() != this) {
            stream.capture(this);
            joined.add(stream);
        }
    }

    boolean isOfThisThread() {
        return thread == Thread.currentThread();
    }

    /** Notes a call that must not be made while this is recorded. */
    void spoil(String call) {
        spoiltBy = call;
    }

    boolean isSpoilt() {
        return !spoiltBy.isEmpty();
    }

    String spoiltBy() {
        return spoiltBy;
    }

    void add(Runnable step) {
        work.add(step);
    }

    /** Ends the recording. */
    List<Runnable> end() {
        joined.forEach(stream -> stream.capture(null));
        return List.copyOf(work);
    }
}
