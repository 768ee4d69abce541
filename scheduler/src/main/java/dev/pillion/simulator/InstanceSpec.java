package dev.pillion.simulator;

import java.util.Optional;

/**
 * One instance of a cluster.
 *
 * @param model what it is and how long its steps take
 * @param settings how it schedules
 * @param role what it does of a request's way
 * @param bound what the hardware could do at best; without it, no share of the optimum is reported
 */
public record InstanceSpec(InstanceModel model, InstanceSettings settings, Role role, Optional<ThroughputBound> bound) {
    /** An instance that does everything. */
    public InstanceSpec(InstanceModel model, InstanceSettings settings) {
        this(model, settings, Role.MIXED, Optional.empty());
    }

    /** The same in another role. */
    public InstanceSpec withRole(Role other) {
        return new InstanceSpec(model, settings, other, bound);
    }

    /** The same with a bound. */
    public InstanceSpec withBound(ThroughputBound other) {
        return new InstanceSpec(model, settings, role, Optional.of(other));
    }
}
