package dev.pillion.simulator;

/** Something that happens to an instance at a given time. */
public sealed interface ClusterEvent {
    /** When, on the virtual clock, in nanoseconds. */
    long atNanos();

    /** Which instance. */
    int instance();

    /**
     * The instance fails: the step it computes and all its keys and values are lost, and its requests start over
     * elsewhere with the tokens they have.
     *
     * @param recoveryNanos how long until it is back, empty; {@link Long#MAX_VALUE} for never
     */
    record Failure(long atNanos, int instance, long recoveryNanos) implements ClusterEvent {
        /** Checks the times. */
        public Failure {
            check(atNanos, instance);
            if (recoveryNanos < 0) {
                throw new IllegalArgumentException("recovery after " + recoveryNanos + " ns");
            }
        }
    }

    /**
     * The instance is taken out of service: it gets no more requests, those that wait go elsewhere, those that run
     * migrate where live migration is on and end here where it is not.
     */
    record Drain(long atNanos, int instance) implements ClusterEvent {
        /** Checks the time. */
        public Drain {
            check(atNanos, instance);
        }
    }

    private static void check(long atNanos, int instance) {
        if (atNanos < 0 || instance < 0) {
            throw new IllegalArgumentException("instance " + instance + " at " + atNanos + " ns");
        }
    }
}
