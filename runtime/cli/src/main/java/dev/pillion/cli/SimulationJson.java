package dev.pillion.cli;

import dev.pillion.simulator.report.InstanceReport;
import dev.pillion.simulator.report.LatencySummary;
import dev.pillion.simulator.report.SimulationReport;
import dev.pillion.simulator.report.Timeline;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a simulation found, as values that {@link JsonOutput} writes; times in seconds, shares between 0 and 1. */
final class SimulationJson {
    private SimulationJson() {}

    /** Everything about a run but its name and settings. */
    static Map<String, Object> of(SimulationReport report) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("workload", report.workload());
        json.put("cluster", report.cluster());
        json.put("seconds", report.seconds());
        json.put("requests", requests(report.requests()));
        json.put("latency_seconds", latencies(report.latencies()));
        json.put("service", service(report.service()));
        json.put("throughput", throughput(report.throughput()));
        json.put("tokens", tokens(report.tokens()));
        json.put("scheduling", scheduling(report.scheduling()));
        json.put("kv", cache(report.cache()));
        json.put("pipeline", pipeline(report.pipeline()));
        json.put("movement", movement(report.movement()));
        json.put("cost", cost(report));
        json.put("instances", instances(report.instances()));
        return json;
    }

    private static Map<String, Object> requests(SimulationReport.RequestCounts counts) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("sent", counts.offered());
        json.put("finished", counts.finished());
        json.put("refused", counts.refused());
        json.put("unfinished", counts.unfinished());
        json.put("resubmitted", counts.resubmitted());
        return json;
    }

    private static Map<String, Object> latencies(SimulationReport.Latencies latencies) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("ttft", latency(latencies.timeToFirstToken()));
        json.put("tbt", latency(latencies.timeBetweenTokens()));
        json.put("scheduling_delay", latency(latencies.schedulingDelay()));
        json.put("e2e", latency(latencies.endToEnd()));
        json.put("tpot", latency(latencies.timePerOutputToken()));
        return json;
    }

    private static Map<String, Object> latency(LatencySummary summary) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("count", summary.count());
        json.put("mean", summary.meanSeconds());
        json.put("p50", summary.p50Seconds());
        json.put("p90", summary.p90Seconds());
        json.put("p95", summary.p95Seconds());
        json.put("p99", summary.p99Seconds());
        json.put("max", summary.maxSeconds());
        List<double[]> points = new ArrayList<>();
        for (int i = 0; i < summary.cdfSeconds().length; i++) {
            points.add(new double[] {rounded(summary.cdfSeconds()[i]), Math.rint(summary.cdfFractions()[i] * 1e6) / 1e6});
        }
        json.put("cdf", points);
        return json;
    }

    private static Map<String, Object> service(SimulationReport.Service service) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("level", service.level());
        json.put("requests_met", service.requestsMet());
        json.put("attainment", service.attainment());
        json.put("goodput_per_second", service.goodputPerSecond());
        json.put("tokens_on_time", service.tokensOnTime());
        json.put("on_time_share", service.onTimeShare());
        return json;
    }

    private static Map<String, Object> throughput(SimulationReport.Throughput throughput) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("requests_per_second", throughput.requestsPerSecond());
        json.put("prompt_tokens_per_second", throughput.promptTokensPerSecond());
        json.put("output_tokens_per_second", throughput.outputTokensPerSecond());
        json.put("share_of_optimal", throughput.shareOfOptimal() < 0 ? null : throughput.shareOfOptimal());
        return json;
    }

    private static Map<String, Object> tokens(SimulationReport.Tokens tokens) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("prompt", tokens.prompt());
        json.put("output", tokens.output());
        json.put("prefill", tokens.prefill());
        json.put("decode", tokens.decode());
        json.put("prefix_hits", tokens.prefixHits());
        json.put("recomputed", tokens.recomputed());
        json.put("lost_to_preemption", tokens.lostToPreemption());
        json.put("lost_to_failure", tokens.lostToFailure());
        return json;
    }

    private static Map<String, Object> scheduling(SimulationReport.Scheduling scheduling) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("steps", scheduling.steps());
        json.put("tokens_per_step", scheduling.tokensPerStep());
        json.put("preemptions", scheduling.preemptions());
        json.put("overtakes", scheduling.overtakes());
        return json;
    }

    private static Map<String, Object> cache(SimulationReport.CacheUse cache) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("blocks", cache.blocks());
        json.put("mean_occupancy", cache.meanOccupancy());
        json.put("peak_occupancy", cache.peakOccupancy());
        json.put("prefix_hit_rate", cache.prefixHitRate());
        return json;
    }

    private static Map<String, Object> pipeline(SimulationReport.PipelineUse pipeline) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("busy_share", pipeline.busyShare());
        json.put("bubble_seconds", pipeline.bubbleSeconds());
        json.put("bubble_share", pipeline.bubbleShare());
        return json;
    }

    private static Map<String, Object> movement(SimulationReport.Movement movement) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("migrations", movement.migrations());
        json.put("migrations_cancelled", movement.migrationsCancelled());
        json.put("migrated_bytes", movement.migratedBytes());
        json.put("downtime_seconds", latency(movement.downtime()));
        json.put("transfers", movement.transfers());
        json.put("transferred_bytes", movement.transferredBytes());
        json.put("transfer_seconds", latency(movement.transferTime()));
        return json;
    }

    private static Map<String, Object> cost(SimulationReport report) {
        SimulationReport.Cost cost = report.cost();
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("dollars", cost.dollars());
        json.put("dollars_per_hour", report.seconds() == 0 ? 0 : cost.dollars() / report.seconds() * 3600);
        json.put("dollars_per_million_output_tokens", cost.dollarsPerMillionOutputTokens());
        json.put("joules", cost.joules());
        json.put("kwh_per_million_output_tokens", cost.joulesPerMillionOutputTokens() / 3.6e6);
        json.put("mean_watts", report.seconds() == 0 ? 0 : cost.joules() / report.seconds());
        return json;
    }

    private static List<Map<String, Object>> instances(List<InstanceReport> instances) {
        List<Map<String, Object>> list = new ArrayList<>();
        for (InstanceReport instance : instances) {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("number", instance.number());
            json.put("description", instance.description());
            json.put("role", instance.role());
            json.put("finished", instance.finished());
            json.put("steps", instance.steps());
            json.put("output_tokens", instance.outputTokens());
            json.put("preemptions", instance.preemptions());
            json.put("mean_occupancy", instance.meanOccupancy());
            json.put("peak_occupancy", instance.peakOccupancy());
            json.put("in_service_seconds", instance.inServiceSeconds());
            json.put("stage_busy_seconds", instance.stageBusySeconds());
            json.put("stage_bubble_seconds", instance.stageBubbleSeconds());
            json.put("timeline", timeline(instance.timeline()));
            list.add(json);
        }
        return list;
    }

    private static Map<String, Object> timeline(Timeline timeline) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("bucket_seconds", timeline.bucketSeconds());
        json.put("decode_tokens", rounded(timeline.decodeTokensPerStep()));
        json.put("prefill_tokens", rounded(timeline.prefillTokensPerStep()));
        json.put("running", rounded(timeline.running()));
        json.put("waiting", rounded(timeline.waiting()));
        json.put("occupancy", rounded(timeline.kvOccupancy()));
        return json;
    }

    private static double[] rounded(double[] values) {
        return Arrays.stream(values).map(SimulationJson::rounded).toArray();
    }

    /** Five digits that matter: a chart shows no more, and a page of many instances would be long. */
    private static double rounded(double value) {
        if (value == 0 || !Double.isFinite(value)) {
            return 0;
        }
        double unit = Math.pow(10, Math.floor(Math.log10(Math.abs(value))) - 4);
        return unit >= 1 ? Math.rint(value / unit) * unit : Math.rint(value / unit) / Math.rint(1 / unit);
    }
}
