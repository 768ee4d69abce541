package dev.pillion.simulator.plan;

import java.util.Locale;

/** What keeps a plan from doing with less, or rules a choice out. */
public enum Binding {
    /** Weights, or keys and values, do not fit. */
    MEMORY,
    /** The time between tokens. */
    TBT,
    /** The time to the first token, or the delay before it. */
    TTFT,
    /** The time to the last token. */
    E2E,
    /** More is asked than can be computed or read. */
    THROUGHPUT,
    /** It keeps every target and costs more than others that do. */
    COST;

    @Override
    public String toString() {
        return this == TBT || this == TTFT || this == E2E ? name() : name().toLowerCase(Locale.ROOT);
    }
}
