package dev.pillion.scheduler;

/** Where a sequence stands between submission and end. */
public enum SequenceState {
    /** Made, not submitted. */
    NEW,
    /** In the queue, never run. Holds no blocks. */
    WAITING,
    /** Has blocks and takes part in steps. */
    RUNNING,
    /** Back in the queue after its blocks were taken. Keeps its tokens and its arrival, holds no blocks. */
    PREEMPTED,
    /** Has blocks and takes part in no step: its keys and values are on their way to or from another scheduler's device. */
    PARKED,
    /** Ended, for one of the {@link FinishReason}s. Holds no blocks. */
    FINISHED
}
