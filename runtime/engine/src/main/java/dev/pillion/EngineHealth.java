package dev.pillion;

import java.time.Duration;
import java.util.Optional;

/**
 * Whether an engine works, for a health endpoint. A live thread is not enough: the age of the last step shows a loop that
 * hangs.
 *
 * @param state what the engine does
 * @param lastStepAge time since the last step was completed, or since work came to an idle engine
 * @param waiting requests waiting for admission
 * @param running sequences being computed
 * @param failure why the engine failed, where it did
 */
public record EngineHealth(State state, Duration lastStepAge, int waiting, int running, Optional<String> failure) {
    /** What an engine does. */
    public enum State {
        /** Nothing to do; a step age that grows is no fault. */
        IDLE,
        /** Steps are running. */
        RUNNING,
        /** A step failed in a way that ends the engine. */
        FAILED,
        /** Closed. */
        CLOSED
    }
}
