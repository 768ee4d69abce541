package dev.pillion.simulator.plan;

import dev.pillion.simulator.device.GpuDevice;
import dev.pillion.simulator.device.Quantisation;
import dev.pillion.simulator.report.SimulationReport;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Searches for the cheapest plans that keep their targets, by branch and bound.
 *
 * <p>A kind of instance is a device, a quantisation, ranks and stages. The roofline rules out those that cannot keep the targets
 * however many there are, and says for the others how many it takes at least, and so what they cost at least. They are looked at
 * in the order of that cost; once as many plans as wanted are found, whatever costs at least as much as the last of them is not
 * simulated. Of a kind that is, the least number of instances is bisected with the usual scheduling, then other schedulings
 * are tried with one instance less; where none does, the one with most room below the limits is taken.
 */
public final class PlanSearch {
    /** Hears how far a search is. */
    @FunctionalInterface
    public interface Listener {
        /**
         * A kind of instance is looked at.
         *
         * @param done kinds looked at before
         * @param size kinds in all
         * @param next the one that follows
         */
        void at(int done, int size, String next);
    }

    private static final int CONFIRMATIONS = 4;

    private final PlanGoal goal;
    private final int wanted;
    private final Listener listener;
    private final PlanTrials trials;
    private final List<Plan> plans = new ArrayList<>();
    private final List<Rejection> rejections = new ArrayList<>();

    private PlanSearch(PlanGoal goal, int wanted, Listener listener) {
        this.goal = goal;
        this.wanted = wanted;
        this.listener = listener;
        trials = new PlanTrials(goal);
    }

    /**
     * Searches.
     *
     * @param wanted how many plans, each with another kind of instance
     */
    public static PlanResult search(PlanGoal goal, int wanted, Listener listener) {
        return new PlanSearch(goal, wanted, listener).search();
    }

    /** A kind of instance with what the roofline says of it. */
    private record Candidate(InstanceChoice choice, int leastInstances) {
        double leastDollars() {
            return leastInstances * choice.dollarsPerHour();
        }
    }

    private PlanResult search() {
        List<Candidate> candidates = candidates();
        for (int i = 0; i < candidates.size(); i++) {
            Candidate candidate = candidates.get(i);
            listener.at(i, candidates.size(), candidate.choice().description());
            if (plans.size() >= wanted && candidate.leastDollars() >= limitDollars()) {
                reject(candidate.choice(), Binding.COST, String.format(
                        Locale.ROOT, "at least %.2f $/h, since the roofline asks for %s", candidate.leastDollars(),
                        counted(candidate.leastInstances())));
            } else {
                consider(candidate);
            }
        }
        while (plans.size() > wanted) {
            Plan last = plans.removeLast();
            reject(last.choice(), Binding.COST, String.format(
                    Locale.ROOT, "takes %s for %.2f $/h; %s", counted(last.instances()), last.dollarsPerHour(), last.reason()));
        }
        return new PlanResult(plans, rejections, trials.count());
    }

    private List<Candidate> candidates() {
        RequestMix mix = RequestMix.of(goal.workload());
        List<Candidate> candidates = new ArrayList<>();
        for (InstanceChoice choice : choices()) {
            InstanceBounds bounds = new InstanceBounds(choice, mix);
            Optional<Rejection> refused = bounds.refuse(goal.targets());
            if (refused.isPresent()) {
                rejections.add(refused.get());
                continue;
            }
            int most = goal.schedulings().stream().mapToInt(SchedulingChoice::maxSequences).max().orElseThrow();
            double perSecond = bounds.requestsPerSecond(most);
            double least = Math.max(1, Math.ceil(goal.requestsPerSecond() / perSecond));
            if (least * choice.gpus() > goal.maxGpus()) {
                reject(choice, Binding.THROUGHPUT, String.format(
                        Locale.ROOT, "needs at least %,.0f GPUs: by the roofline an instance does at most %.2f requests/s",
                        least * choice.gpus(), perSecond));
            } else {
                candidates.add(new Candidate(choice, (int) least));
            }
        }
        candidates.sort(Comparator.comparingDouble(Candidate::leastDollars).thenComparingInt(c -> c.choice().gpus()));
        return candidates;
    }

    private List<InstanceChoice> choices() {
        List<InstanceChoice> choices = new ArrayList<>();
        for (GpuDevice device : goal.devices()) {
            for (Quantisation quantisation : goal.quantisations()) {
                for (int ranks : goal.tensorRanks()) {
                    for (int stages : goal.pipelineStages()) {
                        choices.add(new InstanceChoice(goal.model(), quantisation, goal.kv(), device, ranks, stages));
                    }
                }
            }
        }
        return choices;
    }

    private static String counted(int instances) {
        return instances == 1 ? "one instance" : instances + " instances";
    }

    private void reject(InstanceChoice choice, Binding binding, String reason) {
        rejections.add(new Rejection(choice, binding, reason));
    }

    /** What a plan may cost to be among those wanted. */
    private double limitDollars() {
        return plans.size() < wanted ? Double.POSITIVE_INFINITY : plans.get(wanted - 1).dollarsPerHour();
    }

    private void consider(Candidate candidate) {
        InstanceChoice choice = candidate.choice();
        int most = goal.maxGpus() / choice.gpus();
        double affordable = limitDollars() / choice.dollarsPerHour();
        int highest = (int) Math.min(most, Math.max(candidate.leastInstances(), affordable));
        InstanceTrials found = new InstanceTrials(choice, goal, trials);
        if (!found.bisect(candidate.leastInstances(), highest)) {
            boolean dear = highest < most;
            reject(choice, dear ? Binding.COST : found.failureBinding(highest), String.format(
                    Locale.ROOT, "%s %d (%.2f $/h): %s", dear ? "takes more instances than" : "misses the targets even with",
                    highest, highest * choice.dollarsPerHour(), found.failureReason(highest)));
            return;
        }
        found.improve(candidate.leastInstances());
        for (int i = 0; i < CONFIRMATIONS && found.instances() <= most; i++) {
            SimulationReport report = trials.longRun(choice, found.scheduling(), found.instances());
            if (trials.isMet(report)) {
                plans.add(found.plan(report));
                plans.sort(Comparator.comparingDouble(Plan::dollarsPerHour).thenComparingDouble(plan -> plan.tightest(goal)));
                return;
            }
            found.fail(report);
        }
        int tried = found.instances() - 1;
        reject(choice, found.failureBinding(tried), String.format(
                Locale.ROOT, "misses the targets with %d: %s", tried, found.failureReason(tried)));
    }
}
