package dev.pillion.metrics;

/** What a metric counts or is measured in. */
public enum Unit {
    /** Time, on the engine's monotonic clock. */
    NANOSECONDS("ns"),
    /** Tokens of prompts or answers. */
    TOKENS("tokens"),
    /** What callers submit. */
    REQUESTS("requests"),
    /** What the scheduler runs; a request has one for each of its samples. */
    SEQUENCES("sequences"),
    /** Turns of the engine that ran a batch. */
    STEPS("steps"),
    /** KV blocks. */
    BLOCKS("blocks"),
    /** Memory traffic. */
    BYTES("bytes"),
    /** Floating-point operations, a multiply-add counting two. */
    FLOPS("FLOP"),
    /** Operations given to the backend. */
    OPERATIONS("operations"),
    /** Other events. */
    TIMES("times");

    private final String symbol;

    Unit(String symbol) {
        this.symbol = symbol;
    }

    /** How it is written. */
    public String symbol() {
        return symbol;
    }
}
