package dev.pillion.simulator.cluster;

/** How long an instance is paid for. */
final class ServiceTime {
    private static final long OUT = -1;

    private long since;
    private long nanos;

    void enter(long now) {
        since = now;
    }

    void leave(long now) {
        if (since != OUT) {
            nanos += now - since;
            since = OUT;
        }
    }

    /** Time in service until {@code end}. */
    long nanos(long end) {
        return nanos + (since == OUT ? 0 : Math.max(0, end - since));
    }
}
