package dev.pillion.cli.hub;

import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * How often and after what wait a request is tried again.
 *
 * @param attempts further attempts after the first
 * @param firstWait wait before the first of them; doubled each time, up to a minute
 * @param note told about each failure that is tried again
 */
public record Retries(int attempts, Duration firstWait, Consumer<String> note) {
    private static final Duration LONGEST_WAIT = Duration.ofMinutes(1);

    /** Something that may fail for a moment. */
    interface Attempt<T> {
        T run() throws TransientFailure;
    }

    /** Checks the ranges. */
    public Retries {
        if (attempts < 0 || firstWait.isNegative()) {
            throw new IllegalArgumentException("retries and their wait cannot be negative");
        }
    }

    /**
     * Runs an attempt until it succeeds or the attempts are used up.
     *
     * @param what for messages
     */
    <T> T run(String what, Attempt<T> attempt) {
        for (int failures = 0; ; failures++) {
            try {
                return attempt.run();
            } catch (TransientFailure e) {
                if (failures >= attempts) {
                    throw new HubException(
                            what + ": " + e.getMessage() + ", after " + (failures + 1)
                                    + (failures == 0 ? " try" : " tries") + "; what was fetched is kept, "
                                    + "run the command again to go on",
                            e);
                }
                pause(what, e, failures);
            }
        }
    }

    private void pause(String what, TransientFailure failure, int failures) {
        Duration wait = firstWait.multipliedBy(1L << Math.min(failures, 16));
        wait = wait.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : wait;
        note.accept(what + ": " + failure.getMessage() + "; trying again in " + wait.toMillis() + " ms");
        try {
            Thread.sleep(wait);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UncheckedIOException(new InterruptedIOException("interrupted while waiting for the hub"));
        }
    }
}
