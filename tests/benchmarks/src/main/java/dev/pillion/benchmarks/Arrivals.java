package dev.pillion.benchmarks;

import java.util.concurrent.locks.LockSupport;

/** When requests are sent. */
public final class Arrivals {
    private Arrivals() {}

    /** Waits until {@link System#nanoTime} has reached a reading. */
    public static void waitUntil(long nanos) {
        for (long left = nanos - System.nanoTime(); left > 0; left = nanos - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }
}
