package dev.pillion.kernels.virtual;

import java.util.function.BooleanSupplier;

/** Waiting that an interrupt does not end: a driver call returns when its work is done, whatever befalls the thread. */
final class MonitorWait {
    private MonitorWait() {}

    /**
     * Waits on a monitor as long as a condition holds; an interrupt is handed on afterwards.
     *
     * @param monitor held by the caller, notified whenever the condition may have changed
     */
    static void during(Object monitor, BooleanSupplier condition) {
        boolean interrupted = false;
        while (condition.getAsBoolean()) {
            try {
                monitor.wait();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
