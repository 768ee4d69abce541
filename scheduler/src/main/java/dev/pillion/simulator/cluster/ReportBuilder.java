package dev.pillion.simulator.cluster;

import dev.pillion.scheduler.SchedulerCounters;
import dev.pillion.simulator.Cluster;
import dev.pillion.simulator.SimulationOptions;
import dev.pillion.simulator.report.InstanceReport;
import dev.pillion.simulator.report.LatencyHistogram;
import dev.pillion.simulator.report.SimulationReport;
import dev.pillion.simulator.workload.Workload;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Adds up what a simulation measured. */
final class ReportBuilder {
    private final Workload workload;
    private final Cluster cluster;
    private final SimulationOptions options;
    private final List<SimulatedInstance> instances;
    private final RequestRecorder requests;
    private final HandOvers handOvers;
    private final @Nullable Rebalancer rebalancer;
    private long steps;
    private long prefillTokens;
    private long decodeTokens;
    private long recomputedTokens;
    private long preemptions;
    private long overtakes;
    private long prefixQueryTokens;
    private long prefixHitTokens;
    private long lostToPreemption;

    ReportBuilder(
            Workload workload, Cluster cluster, SimulationOptions options, List<SimulatedInstance> instances,
            RequestRecorder requests, HandOvers handOvers, @Nullable Rebalancer rebalancer) {
        this.workload = workload;
        this.cluster = cluster;
        this.options = options;
        this.instances = instances;
        this.requests = requests;
        this.handOvers = handOvers;
        this.rebalancer = rebalancer;
    }

    SimulationReport build(long endNanos, long offered, long refused, long resubmitted, long lostToFailure) {
        for (SimulatedInstance instance : instances) {
            for (VirtualEngine engine : instance.engines) {
                add(engine);
            }
            instance.pipeline.workEnded(endNanos);
        }
        double seconds = endNanos * 1e-9;
        double perSecond = seconds > 0 ? 1 / seconds : 0;
        var counts = new SimulationReport.RequestCounts(
                offered, requests.finished, refused, offered - requests.finished - refused, resubmitted);
        var service = new SimulationReport.Service(
                options.serviceLevel().toString(), requests.met, ratio(requests.met, offered), requests.met * perSecond,
                requests.tokensOnTime, ratio(requests.tokensOnTime, requests.tokens));
        var throughput = new SimulationReport.Throughput(
                requests.finished * perSecond, requests.tokens * perSecond, requests.promptTokens * perSecond,
                shareOfOptimal(endNanos));
        var tokens = new SimulationReport.Tokens(
                requests.promptTokens, requests.outputTokens,
                requests.promptTokens + requests.outputTokens - requests.finished, prefillTokens, decodeTokens,
                prefixHitTokens, recomputedTokens + lostToFailure, lostToPreemption, lostToFailure);
        var scheduling = new SimulationReport.Scheduling(
                steps, ratio(prefillTokens + decodeTokens, steps), preemptions, overtakes);
        return new SimulationReport(
                workload.description(), cluster.description(), seconds, counts, requests.latencies(), service, throughput,
                tokens, scheduling, cacheUse(endNanos), pipelineUse(endNanos), movement(), cost(endNanos),
                instanceReports(endNanos));
    }

    private void add(VirtualEngine engine) {
        SchedulerCounters counters = engine.scheduler.counters();
        steps += counters.steps();
        prefillTokens += counters.prefillTokens();
        decodeTokens += counters.decodeTokens();
        recomputedTokens += counters.recomputedTokens();
        preemptions += counters.preemptions();
        overtakes += counters.overtakes();
        prefixQueryTokens += counters.prefixQueryTokens();
        prefixHitTokens += counters.prefixHitTokens();
        lostToPreemption += engine.lostToPreemption;
    }

    private static double ratio(double part, double whole) {
        return whole == 0 ? 0 : part / whole;
    }

    private double shareOfOptimal(long endNanos) {
        double needed = 0;
        double had = 0;
        for (SimulatedInstance instance : instances) {
            if (instance.spec.bound().isEmpty()) {
                return -1;
            }
            long prefill = 0;
            long decode = 0;
            for (VirtualEngine engine : instance.engines) {
                prefill += engine.scheduler.counters().prefillTokens();
                decode += engine.scheduler.counters().decodeTokens();
            }
            needed += instance.spec.bound().get().leastSeconds(prefill, decode);
            had += instance.service.nanos(endNanos) * 1e-9;
        }
        return ratio(needed, had);
    }

    private SimulationReport.CacheUse cacheUse(long endNanos) {
        long blocks = 0;
        double used = 0;
        double peak = 0;
        for (SimulatedInstance instance : instances) {
            blocks += instance.blocks();
            instance.timeline.finish(endNanos);
            used += instance.timeline.meanOccupancy(endNanos) * instance.blocks();
            peak = Math.max(peak, instance.timeline.peakOccupancy());
        }
        return new SimulationReport.CacheUse(
                blocks, ratio(used, blocks), peak, ratio(prefixHitTokens, prefixQueryTokens));
    }

    private SimulationReport.PipelineUse pipelineUse(long endNanos) {
        double busy = 0;
        double bubble = 0;
        double had = 0;
        for (SimulatedInstance instance : instances) {
            for (int stage = 0; stage < instance.pipeline.stages(); stage++) {
                busy += instance.pipeline.busyNanos(stage) * 1e-9;
                bubble += instance.pipeline.bubbleNanos(stage) * 1e-9;
                had += endNanos * 1e-9;
            }
        }
        return new SimulationReport.PipelineUse(ratio(busy, had), bubble, ratio(bubble, busy + bubble));
    }

    private SimulationReport.Movement movement() {
        LatencyHistogram none = new LatencyHistogram();
        return new SimulationReport.Movement(
                rebalancer == null ? 0 : rebalancer.done,
                rebalancer == null ? 0 : rebalancer.cancelled,
                rebalancer == null ? 0 : rebalancer.bytes,
                (rebalancer == null ? none : rebalancer.downtimes).summary(),
                handOvers.count,
                handOvers.bytes,
                handOvers.times.summary());
    }

    private SimulationReport.Cost cost(long endNanos) {
        double dollars = 0;
        double joules = 0;
        for (SimulatedInstance instance : instances) {
            double inService = instance.service.nanos(endNanos) * 1e-9;
            dollars += instance.model.dollarsPerHour() * inService / 3600;
            joules += instance.joules + instance.model.idleWatts() * inService;
        }
        double millions = requests.tokens * 1e-6;
        return new SimulationReport.Cost(dollars, ratio(dollars, millions), joules, ratio(joules, millions));
    }

    private List<InstanceReport> instanceReports(long endNanos) {
        List<InstanceReport> reports = new ArrayList<>();
        for (SimulatedInstance instance : instances) {
            int stages = instance.pipeline.stages();
            double[] busy = new double[stages];
            double[] bubble = new double[stages];
            for (int stage = 0; stage < stages; stage++) {
                busy[stage] = instance.pipeline.busyNanos(stage) * 1e-9;
                bubble[stage] = instance.pipeline.bubbleNanos(stage) * 1e-9;
            }
            long ownSteps = 0;
            long ownPreemptions = 0;
            for (VirtualEngine engine : instance.engines) {
                ownSteps += engine.scheduler.counters().steps();
                ownPreemptions += engine.scheduler.counters().preemptions();
            }
            reports.add(new InstanceReport(
                    instance.number, instance.model.description(), instance.spec.role().name().toLowerCase(Locale.ROOT),
                    instance.finished, ownSteps, instance.outputTokens, ownPreemptions,
                    instance.timeline.meanOccupancy(endNanos), instance.timeline.peakOccupancy(),
                    instance.service.nanos(endNanos) * 1e-9, busy, bubble, instance.timeline.timeline(endNanos)));
        }
        return reports;
    }
}
