package dev.pillion.engine;

/** What callers leave in the engine's inbox, taken out by the engine thread in order. */
sealed interface Command {
    /**
     * A new request.
     *
     * @param request the request
     */
    record Submit(ActiveRequest request) implements Command {}

    /**
     * A request nobody wants any more.
     *
     * @param request a request that was submitted before
     */
    record Cancel(ActiveRequest request) implements Command {}

    /**
     * Logits to compute.
     *
     * @param job which, and for whom
     */
    record Compute(LogitsJob job) implements Command {}
}
