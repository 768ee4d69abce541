package dev.pillion.simulator.plan;

import dev.pillion.simulator.report.SimulationReport;

/**
 * A way to serve a workload that keeps its targets.
 *
 * @param choice what an instance is
 * @param scheduling how it schedules
 * @param instances how many there are
 * @param report of the run that proved it
 * @param binding what keeps it from doing with one instance less
 * @param reason the same for people, with the numbers
 */
public record Plan(
        InstanceChoice choice,
        SchedulingChoice scheduling,
        int instances,
        SimulationReport report,
        Binding binding,
        String reason) {

    /** GPUs in all. */
    public int gpus() {
        return instances * choice.gpus();
    }

    /** Price in dollars per hour. */
    public double dollarsPerHour() {
        return instances * choice.dollarsPerHour();
    }

    /** The largest share of its limit that any target's percentile reaches. */
    double tightest(PlanGoal goal) {
        return goal.targets().stream().mapToDouble(target -> target.measured(report) / target.seconds()).max().orElse(0);
    }
}
