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
    private static final int MOST_LASTING_REQUESTS = 20_000;
    /** How many times as long as the latencies that a growing queue lengthens a long run lasts at least. */
    private static final int LASTING = 100;

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
        return run(choice, scheduling, instances, arriving(Math.max(requests, lasting()), goal.requestsPerSecond()));
    }

    /**
     * Requests it takes for a queue that grows without end to be seen: where arrivals exceed what is served by a share, the
     * delay after some time is that share of it, and stays within a limit as long as the run is short beside the limit.
     */
    private long lasting() {
        double seconds = 0;
        for (LatencyTarget target : goal.targets()) {
            if (target.metric() != LatencyMetric.TBT && target.metric() != LatencyMetric.TPOT) {
                seconds = Math.max(seconds, target.seconds());
            }
        }
        return (long) Math.min(MOST_LASTING_REQUESTS, LASTING * seconds * goal.requestsPerSecond());
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
