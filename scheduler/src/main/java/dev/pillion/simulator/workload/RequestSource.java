package dev.pillion.simulator.workload;

import org.jspecify.annotations.Nullable;

/** Requests one by one, in order of arrival. */
@FunctionalInterface
public interface RequestSource {
    /** The next request, or null after the last. */
    @Nullable Request next();
}
