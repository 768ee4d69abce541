package dev.pillion.verify;

import java.io.IOException;

/** A part of the verification. */
interface Stage {
    /** Its name in rows and for {@code --stages}. */
    String name();

    /** How much of the time it gets, compared with the stages after it. */
    double weight();

    /** Whether a failed row here means that the device computes wrongly. */
    default boolean decides() {
        return false;
    }

    /** Whether it is worth nothing where no device opens. */
    default boolean needsDevice() {
        return true;
    }

    /** Does the work, within {@link StageRun#time()}. */
    void run(StageRun run) throws IOException, InterruptedException;
}
