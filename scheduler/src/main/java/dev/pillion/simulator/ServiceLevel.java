package dev.pillion.simulator;

import java.util.ArrayList;
import java.util.List;

/**
 * What a request is promised. It is met where the first token comes in time, 99 of 100 of the times between its tokens
 * are short enough, the last token comes in time, and a deadline of its own is kept.
 *
 * @param firstTokenNanos longest time to the first token (TTFT)
 * @param betweenTokensNanos longest time between two tokens (TBT)
 * @param endToEndNanos longest time to the last token
 */
public record ServiceLevel(long firstTokenNanos, long betweenTokensNanos, long endToEndNanos) {
    /** No limit. */
    public static final long UNLIMITED = Long.MAX_VALUE;

    /** Nothing is promised but deadlines. */
    public static final ServiceLevel NONE = new ServiceLevel(UNLIMITED, UNLIMITED, UNLIMITED);

    /** Checks that the limits are positive. */
    public ServiceLevel {
        if (firstTokenNanos < 1 || betweenTokensNanos < 1 || endToEndNanos < 1) {
            throw new IllegalArgumentException("limits of " + firstTokenNanos + ", " + betweenTokensNanos + " and "
                    + endToEndNanos + " ns: each must be positive");
        }
    }

    /** Limits for the first token and the time between tokens. */
    public static ServiceLevel of(long firstTokenNanos, long betweenTokensNanos) {
        return new ServiceLevel(firstTokenNanos, betweenTokensNanos, UNLIMITED);
    }

    @Override
    public String toString() {
        List<String> limits = new ArrayList<>();
        add(limits, "ttft", firstTokenNanos);
        add(limits, "tbt", betweenTokensNanos);
        add(limits, "e2e", endToEndNanos);
        return limits.isEmpty() ? "none" : String.join(",", limits);
    }

    private static void add(List<String> limits, String name, long nanos) {
        if (nanos != UNLIMITED) {
            limits.add(name + "=" + nanos / 1e6 + "ms");
        }
    }
}
