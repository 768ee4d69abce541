package dev.pillion.simulator.plan;

import dev.pillion.simulator.Cluster;
import dev.pillion.simulator.Simulation;
import dev.pillion.simulator.SimulationOptions;
import dev.pillion.simulator.report.SimulationReport;
import dev.pillion.simulator.workload.Workload;

/**
 * Simulations of a search. Short ones serve a few of many like instances with their part of the load, which is what a router
 * for the least load makes of it, nearly; what a short one accepts, a long one of the whole cluster has to confirm.
 */
final class PlanTrials {
    private static final int FEW_INSTANCES = 4;
    private static final int SHORT_REQUESTS = 400;
    private static final int LEAST_LONG_REQUESTS = 1500;
    private static final int MOST_LONG_REQUESTS = 6000;
    private static final int LONG_REQUESTS_PER_INSTANCE = 300;

    private final PlanGoal goal;
    private int count;

    PlanTrials(PlanGoal goal) {
        this.goal = goal;
    }

    /** Simulations run so far. */
    int count() {
        return count;
    }

    SimulationReport shortRun(InstanceChoice choice, SchedulingChoice scheduling, int instances) {
        int simulated = Math.min(instances, FEW_INSTANCES);
        return run(
                choice, scheduling, simulated,
                arriving((long) SHORT_REQUESTS * simulated, goal.requestsPerSecond() * simulated / instances));
    }

    SimulationReport longRun(InstanceChoice choice, SchedulingChoice scheduling, int instances) {
        long requests = Math.clamp((long) LONG_REQUESTS_PER_INSTANCE * instances, LEAST_LONG_REQUESTS, MOST_LONG_REQUESTS);
        return run(choice, scheduling, instances, arriving(requests, goal.requestsPerSecond()));
    }

    /** The first requests at a rate; those of a trace may have come faster or slower than its mean. */
    private Workload arriving(long requests, double perSecond) {
        Workload part = goal.workload().first(requests);
        double own = part.requestsPerSecond();
        return Double.isInfinite(own) ? part : part.faster(perSecond / own);
    }

    private SimulationReport run(InstanceChoice choice, SchedulingChoice scheduling, int instances, Workload workload) {
        count++;
        return Simulation.run(
                workload,
                Cluster.of(choice.spec(scheduling), instances),
                SimulationOptions.defaults().withSeed(goal.seed()).withTimelinePoints(2));
    }

    boolean isMet(SimulationReport report) {
        return CapacityCurve.isMet(goal.targets(), report);
    }
}
