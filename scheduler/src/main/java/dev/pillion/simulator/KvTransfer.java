package dev.pillion.simulator;

/**
 * How keys and values move from prompt to token instances (Splitwise, ISCA 2024).
 *
 * @param latencyNanos time a transfer takes beside its bytes
 * @param overlappedLayers layers that are sent one by one while the prompt is still being computed, so that only what
 *     the link could not take meanwhile, and the last layer at least, is left at its end; 1 to send everything then
 */
public record KvTransfer(long latencyNanos, int overlappedLayers) {
    /** Checks the ranges. */
    public KvTransfer {
        if (latencyNanos < 0 || overlappedLayers < 1) {
            throw new IllegalArgumentException("latency " + latencyNanos + " ns, " + overlappedLayers + " layers");
        }
    }
}
