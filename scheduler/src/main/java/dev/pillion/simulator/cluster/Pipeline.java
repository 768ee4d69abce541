package dev.pillion.simulator.cluster;

import dev.pillion.scheduler.BatchPlan;
import dev.pillion.simulator.InstanceModel;
import java.util.Arrays;

/**
 * The stages of an instance. Micro-batches pass through all of them in the order in which they entered the first, so when
 * each leaves is known as it enters. A stage that waits while its instance has work has a bubble.
 */
final class Pipeline {
    private static final long IDLE = -1;

    private final InstanceModel model;
    private final long[] freeAt;
    private final long[] busyNanos;
    private final long[] bubbleNanos;
    /** Since when the instance has had work without a break; {@link #IDLE} while it has none. */
    private long workSince = IDLE;

    Pipeline(InstanceModel model) {
        this.model = model;
        int stages = model.pipelineStages();
        freeAt = new long[stages];
        busyNanos = new long[stages];
        bubbleNanos = new long[stages];
    }

    /** When the first stage can take the next micro-batch. */
    long firstFreeAt() {
        return freeAt[0];
    }

    /** Sends a step through the stages and returns when it leaves the last. */
    long run(BatchPlan step, long now) {
        long ready = Math.max(now, freeAt[0]) + model.hostNanos(step);
        for (int stage = 0; stage < freeAt.length; stage++) {
            if (stage > 0) {
                ready += model.activationTransferNanos(step);
            }
            long begin = Math.max(ready, freeAt[stage]);
            bubbleNanos[stage] += begin - Math.max(freeAt[stage], workSince);
            long nanos = model.stageNanos(step, stage);
            busyNanos[stage] += nanos;
            ready = begin + nanos;
            freeAt[stage] = ready;
        }
        return ready;
    }

    /** The instance has work from now on. */
    void workArrived(long now) {
        if (workSince == IDLE) {
            workSince = now;
        }
    }

    /** The instance has nothing left to do. */
    void workEnded(long now) {
        if (workSince == IDLE) {
            return;
        }
        for (int stage = 0; stage < freeAt.length; stage++) {
            bubbleNanos[stage] += Math.max(0, now - Math.max(freeAt[stage], workSince));
        }
        workSince = IDLE;
    }

    /** Whatever is on its way through the stages is lost. */
    void fail(long now) {
        for (int stage = 0; stage < freeAt.length; stage++) {
            busyNanos[stage] -= Math.max(0, freeAt[stage] - now);
        }
        Arrays.fill(freeAt, now);
        workEnded(now);
    }

    long busyNanos(int stage) {
        return busyNanos[stage];
    }

    long bubbleNanos(int stage) {
        return bubbleNanos[stage];
    }

    int stages() {
        return freeAt.length;
    }
}
