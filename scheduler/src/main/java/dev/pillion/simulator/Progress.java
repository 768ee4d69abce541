package dev.pillion.simulator;

/** Hears how far a simulation is, on its thread, about a thousand times in a run. */
@FunctionalInterface
public interface Progress {
    /** Nobody listens. */
    Progress NONE = (done, size, nowNanos) -> { };

    /**
     * So far.
     *
     * @param done requests that need nothing any more
     * @param size requests of the workload
     * @param nowNanos virtual time
     */
    void at(long done, long size, long nowNanos);
}
