package dev.pillion.engine;

import dev.pillion.FinishReason;
import dev.pillion.metrics.Counter;
import java.util.Locale;

/** How a request ended, taken as a whole. */
enum RequestOutcome {
    /** All its samples ended by themselves, the first because its answer did. */
    STOP(Counter.REQUESTS_STOP),
    /** All its samples ended by themselves, the first at a limit. */
    LENGTH(Counter.REQUESTS_LENGTH),
    /** It was ended before all its samples had. */
    CANCELLED(Counter.REQUESTS_CANCELLED),
    /** It ended with an exception. */
    FAILED(Counter.REQUESTS_FAILED);

    /** Counts requests that ended so. */
    final Counter counter;

    RequestOutcome(Counter counter) {
        this.counter = counter;
    }

    /** The outcome of a request whose first sample ended for {@code reason}. */
    static RequestOutcome of(FinishReason reason) {
        return switch (reason) {
            case STOP -> STOP;
            case LENGTH -> LENGTH;
            case CANCELLED -> CANCELLED;
        };
    }

    /** Whether it got everything it asked for. */
    boolean isComplete() {
        return this == STOP || this == LENGTH;
    }

    /** The word for it in events. */
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
