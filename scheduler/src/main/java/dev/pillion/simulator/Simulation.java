package dev.pillion.simulator;

import dev.pillion.simulator.cluster.ClusterSimulation;
import dev.pillion.simulator.report.SimulationReport;
import dev.pillion.simulator.workload.Workload;

/**
 * A cluster serving a workload on a virtual clock.
 *
 * <p>Discrete events in a heap: a request comes, a step ends, a pipeline's first stage is free, a copy arrives, an instance
 * fails. In between nothing changes. What runs in a step is decided by the engine's own scheduler, one object for each
 * pipeline stage of each instance; only the time a step takes comes from the {@link InstanceModel}. A request generates as
 * many tokens as the workload says, and says so as the most it may generate.
 *
 * <p>One thread, no clock but its own, all chance from one seed: the same arguments give the same report.
 */
public final class Simulation {
    private Simulation() {
    }

    /**
     * Runs a simulation to its end.
     *
     * @throws IllegalArgumentException if the model does not fit an instance
     */
    public static SimulationReport run(Workload workload, Cluster cluster, SimulationOptions options) {
        return ClusterSimulation.run(workload, cluster, options);
    }
}
