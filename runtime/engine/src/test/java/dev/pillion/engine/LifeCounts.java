package dev.pillion.engine;

/** How often things happened in random lives: a test whose rare cases never come up proves nothing. */
final class LifeCounts {
    int refused;
    int failures;
    int completed;
    int cancelled;
    int broken;
    int stopStrings;
    int severalSamples;
    int cachedTokens;
    int offlineRuns;
    int offlineCompleted;
    int offlineRefused;
    int offlineAbandoned;
    int offlineFailures;

    void add(LifeCounts other) {
        refused += other.refused;
        failures += other.failures;
        completed += other.completed;
        cancelled += other.cancelled;
        broken += other.broken;
        stopStrings += other.stopStrings;
        severalSamples += other.severalSamples;
        cachedTokens += other.cachedTokens;
        offlineRuns += other.offlineRuns;
        offlineCompleted += other.offlineCompleted;
        offlineRefused += other.offlineRefused;
        offlineAbandoned += other.offlineAbandoned;
        offlineFailures += other.offlineFailures;
    }

    @Override
    public String toString() {
        return "refused " + refused + ", failures " + failures + ", completed " + completed + ", cancelled " + cancelled
                + ", broken " + broken + ", stop strings " + stopStrings + ", several samples " + severalSamples
                + ", cached tokens " + cachedTokens
                + ", offline runs " + offlineRuns + ", of these abandoned " + offlineAbandoned + ", completed in them "
                + offlineCompleted + ", refused " + offlineRefused + ", steps failed " + offlineFailures;
    }
}
