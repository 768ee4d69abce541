package dev.pillion.simulator;

/** The least time an instance needs for tokens, whoever schedules them: its roofline. */
@FunctionalInterface
public interface ThroughputBound {
    /**
     * Least time in seconds.
     *
     * @param prefillTokens prompt tokens computed
     * @param decodeTokens tokens computed in decodes
     */
    double leastSeconds(long prefillTokens, long decodeTokens);
}
