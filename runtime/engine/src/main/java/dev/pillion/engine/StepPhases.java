package dev.pillion.engine;

import java.util.function.LongSupplier;

/**
 * Where the engine thread's time goes within a step. Whoever ends a phase says so, in the order of the methods; the time since
 * the phase before is then its own. Engine thread only; allocates nothing.
 */
final class StepPhases {
    private final LongSupplier clock;
    private long last;
    private long planNanos;
    private long fillNanos;
    private long enqueueNanos;
    private long waitNanos;

    /**
     * Phases of one engine's steps.
     *
     * @param clock the engine's, in nanoseconds
     */
    StepPhases(LongSupplier clock) {
        this.clock = clock;
    }

    /** Phases nobody looks at. */
    static StepPhases unread() {
        return new StepPhases(() -> 0);
    }

    /** The step was planned, which began at {@code startNanos}. */
    void planned(long startNanos) {
        last = startNanos;
        planNanos = sinceLast();
        fillNanos = 0;
        enqueueNanos = 0;
        waitNanos = 0;
    }

    /** The batch is filled and the backend has begun the step. */
    void filled() {
        fillNanos = sinceLast();
    }

    /** The operations are on the device's queue. */
    void enqueued() {
        enqueueNanos = sinceLast();
    }

    /** The device is done. */
    void waited() {
        waitNanos = sinceLast();
    }

    private long sinceLast() {
        long now = clock.getAsLong();
        long nanos = now - last;
        last = now;
        return nanos;
    }

    /** Time that planning took. */
    long planNanos() {
        return planNanos;
    }

    /** Time that filling the batch took, its copies and the backend's own planning included. */
    long fillNanos() {
        return fillNanos;
    }

    /** Time that putting operations on the device's queue took; 0 where the backend computes in the calls. */
    long enqueueNanos() {
        return enqueueNanos;
    }

    /** Time the device was waited for. */
    long waitNanos() {
        return waitNanos;
    }

    /** All of these together. */
    long nanos() {
        return planNanos + fillNanos + enqueueNanos + waitNanos;
    }
}
