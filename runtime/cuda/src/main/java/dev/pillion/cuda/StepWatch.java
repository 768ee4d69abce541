package dev.pillion.cuda;

import dev.pillion.kernels.driver.GpuContext;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/**
 * Waits for the end of a step, but not for ever. A driver's own waits cannot be given up, so this one asks: without pause
 * while a step of usual length may end any moment, then in naps.
 */
final class StepWatch {
    private static final long SPIN_NANOS = 20_000_000;
    private static final long NAP_NANOS = 50_000;

    private final long limitNanos;
    private final LongSupplier clock;

    /**
     * A watch.
     *
     * @param limit longest a step may take
     * @param clock nanoseconds, never going back
     */
    StepWatch(Duration limit, LongSupplier clock) {
        this.limitNanos = limit.toNanos();
        this.clock = clock;
    }

    /**
     * Waits until the marked work is done.
     *
     * @return whether it was within the limit
     */
    boolean await(GpuContext context, long event) {
        long start = clock.getAsLong();
        while (!context.isDone(event)) {
            long waited = clock.getAsLong() - start;
            if (waited > limitNanos) {
                return false;
            }
            if (waited < SPIN_NANOS) {
                Thread.onSpinWait();
            } else {
                LockSupport.parkNanos(NAP_NANOS);
            }
        }
        return true;
    }

    /** Longest a step may take. */
    Duration limit() {
        return Duration.ofNanos(limitNanos);
    }
}
