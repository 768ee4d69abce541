package dev.pillion.simulator.plan;

import dev.pillion.simulator.report.SimulationReport;
import java.util.Comparator;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Finds how many instances of one kind it takes, and how they should schedule; remembers how fewer of them failed. */
final class InstanceTrials {
    private static final double FULL = 0.98;
    private static final double BUSY = 0.9;

    private final InstanceChoice choice;
    private final PlanGoal goal;
    private final PlanTrials trials;
    private final SchedulingChoice usual;
    /** By number of instances, the run that missed the targets by least. */
    private final Map<Integer, SimulationReport> failures = new TreeMap<>();
    private SchedulingChoice scheduling;
    private int instances;

    InstanceTrials(InstanceChoice choice, PlanGoal goal, PlanTrials trials) {
        this.choice = choice;
        this.goal = goal;
        this.trials = trials;
        usual = goal.schedulings().getFirst();
        scheduling = usual;
    }

    int instances() {
        return instances;
    }

    SchedulingChoice scheduling() {
        return scheduling;
    }

    /** Finds the least number with the usual scheduling, or else whether another does with the highest allowed. */
    boolean bisect(int least, int highest) {
        int low = least - 1;
        int high = least;
        while (!keeps(usual, high)) {
            low = high;
            if (high == highest) {
                return otherKeeps(highest);
            }
            high = Math.min(highest, 2 * high);
        }
        while (high - low > 1) {
            int middle = (low + high) >>> 1;
            if (keeps(usual, middle)) {
                high = middle;
            } else {
                low = middle;
            }
        }
        instances = high;
        return true;
    }

    private boolean otherKeeps(int count) {
        for (SchedulingChoice other : goal.schedulings()) {
            if (!other.equals(usual) && keeps(other, count)) {
                scheduling = other;
                instances = count;
                return true;
            }
        }
        return false;
    }

    /** Tries the other schedulings with fewer instances, and then all for the most room below the limits. */
    void improve(int least) {
        for (SchedulingChoice other : goal.schedulings()) {
            while (!other.equals(usual) && instances > least && keeps(other, instances - 1)) {
                instances--;
                scheduling = other;
            }
        }
        double tightest = Double.POSITIVE_INFINITY;
        for (SchedulingChoice other : goal.schedulings()) {
            SimulationReport report = trials.shortRun(choice, other, instances);
            double share = share(worst(report), report);
            if (trials.isMet(report) && share < tightest) {
                tightest = share;
                scheduling = other;
            }
        }
    }

    private boolean keeps(SchedulingChoice with, int count) {
        SimulationReport report = trials.shortRun(choice, with, count);
        boolean met = trials.isMet(report);
        if (!met) {
            failures.merge(count, report, this::nearer);
        }
        return met;
    }

    private SimulationReport nearer(SimulationReport one, SimulationReport other) {
        return share(worst(one), one) <= share(worst(other), other) ? one : other;
    }

    /** A long run did not keep the targets: one instance more. */
    void fail(SimulationReport report) {
        failures.put(instances++, report);
    }

    /** The plan that a run proved, and what keeps it from doing with less. */
    Plan plan(SimulationReport report) {
        if (failures.containsKey(instances - 1)) {
            return new Plan(
                    choice, scheduling, instances, report, failureBinding(instances - 1), failureReason(instances - 1));
        }
        LatencyTarget nearest = worst(report);
        return instances == 1
                ? new Plan(choice, scheduling, 1, report, InstanceBounds.binding(nearest.metric()), String.format(
                        Locale.ROOT, "one instance is the least there is; nearest to its limit is %s with %.1f ms",
                        nearest, nearest.measured(report) * 1e3))
                : new Plan(choice, scheduling, instances, report, Binding.THROUGHPUT,
                        "by the roofline fewer instances cannot compute or read so much");
    }

    /** What kept so many instances from keeping the targets. */
    Binding failureBinding(int count) {
        SimulationReport report = failures.get(count);
        if (report == null) {
            return Binding.THROUGHPUT;
        }
        boolean full = report.cache().peakOccupancy() > FULL && report.scheduling().preemptions() > 0;
        if (full || report.requests().refused() > 0) {
            return Binding.MEMORY;
        }
        Binding worst = InstanceBounds.binding(worst(report).metric());
        return worst != Binding.TBT && report.pipeline().busyShare() > BUSY ? Binding.THROUGHPUT : worst;
    }

    /** The same for people. */
    String failureReason(int count) {
        SimulationReport report = failures.get(count);
        if (report == null) {
            return "not simulated";
        }
        LatencyTarget worst = worst(report);
        return String.format(
                Locale.ROOT, "with %d %s %s was %.1f ms (limit %.1f ms), stages busy %.0f %%, KV cache at most %.0f %% full, "
                        + "%,d preemptions",
                count, worst.percentileName(), worst.metric().key(), worst.measured(report) * 1e3, worst.seconds() * 1e3,
                100 * report.pipeline().busyShare(), 100 * report.cache().peakOccupancy(), report.scheduling().preemptions());
    }

    private LatencyTarget worst(SimulationReport report) {
        return goal.targets().stream()
                .max(Comparator.comparingDouble((LatencyTarget target) -> share(target, report)))
                .orElseThrow();
    }

    private static double share(LatencyTarget target, SimulationReport report) {
        return target.measured(report) / target.seconds();
    }
}
