package dev.pillion.cli;

import dev.pillion.simulator.plan.InstanceChoice;
import dev.pillion.simulator.plan.LatencyTarget;
import dev.pillion.simulator.plan.Plan;
import dev.pillion.simulator.plan.PlanGoal;
import dev.pillion.simulator.plan.PlanResult;
import dev.pillion.simulator.plan.Rejection;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Prints what a search for plans found. */
final class PlanReport {
    private final PlanGoal goal;
    private final PlanResult result;

    PlanReport(PlanGoal goal, PlanResult result) {
        this.goal = goal;
        this.result = result;
    }

    void print(ResultWriter out) {
        out.line(Printable.of(String.format(
                Locale.ROOT, "%s at %.3f requests/s, %s", goal.model().name(), goal.requestsPerSecond(),
                String.join(", ", goal.targets().stream().map(LatencyTarget::toString).toList()))));
        out.line(Printable.of(goal.workload().description()));
        if (result.plans().isEmpty()) {
            out.line("");
            out.line("no plan keeps the targets with at most " + goal.maxGpus() + " GPUs");
        }
        for (int i = 0; i < result.plans().size(); i++) {
            out.line("");
            print(i + 1, result.plans().get(i), out);
        }
        if (!result.rejections().isEmpty()) {
            out.line("");
            out.line("the others");
            byReason().forEach((reason, choices) ->
                    out.line(Printable.of("  " + String.join(", ", choices) + ": " + reason)));
        }
        out.flush();
    }

    /** Choices that lost for one and the same reason share a line. */
    private Map<String, List<String>> byReason() {
        Map<String, List<String>> grouped = new LinkedHashMap<>();
        for (Rejection rejection : result.rejections()) {
            grouped.computeIfAbsent(rejection.binding() + ": " + rejection.reason(), reason -> new ArrayList<>())
                    .add(rejection.choice().description());
        }
        return grouped;
    }

    private void print(int rank, Plan plan, ResultWriter out) {
        out.line(Printable.of(String.format(
                Locale.ROOT, "%d. %d x %s, %s: %d GPUs, %.2f $/h, %.3f $ per million output tokens%s",
                rank, plan.instances(), plan.choice().description(), plan.scheduling().description(), plan.gpus(),
                plan.dollarsPerHour(), plan.report().cost().dollarsPerMillionOutputTokens(), dearer(plan))));
        for (LatencyTarget target : goal.targets()) {
            double measured = target.measured(plan.report());
            out.line(String.format(
                    Locale.ROOT, "   %s %s of %s (%.0f %%)", target.percentileName() + " " + target.metric().key(),
                    TimeSpan.format(measured), TimeSpan.format(target.seconds()), 100 * measured / target.seconds()));
        }
        out.line(String.format(
                Locale.ROOT, "   KV cache %.1f %% full, at most %.1f %%; stages busy %.1f %%; %,.1f output tokens/s",
                100 * plan.report().cache().meanOccupancy(), 100 * plan.report().cache().peakOccupancy(),
                100 * plan.report().pipeline().busyShare(), plan.report().throughput().outputTokensPerSecond()));
        out.line(Printable.of("   bound by " + plan.binding() + ": " + plan.reason()));
    }

    private String dearer(Plan plan) {
        double times = plan.dollarsPerHour() / result.plans().getFirst().dollarsPerHour();
        return times > 1.0005 ? String.format(Locale.ROOT, ", %.2f times the first", times) : "";
    }

    Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("model", goal.model().name());
        json.put("workload", goal.workload().description());
        json.put("requests_per_second", goal.requestsPerSecond());
        json.put("slo", new SloOption(goal.targets()).json());
        json.put("max_gpus", goal.maxGpus());
        json.put("simulations", result.simulations());
        json.put("plans", result.plans().stream().map(this::json).toList());
        json.put("others", result.rejections().stream().map(PlanReport::json).toList());
        return json;
    }

    private Map<String, Object> json(Plan plan) {
        Map<String, Object> json = choice(plan.choice());
        json.put("instances", plan.instances());
        json.put("gpus", plan.gpus());
        json.put("planner", plan.scheduling().planner().toString());
        json.put("chunk_tokens", plan.scheduling().chunkTokens());
        json.put("max_sequences", plan.scheduling().maxSequences());
        json.put("dollars_per_hour", plan.dollarsPerHour());
        json.put("dollars_per_million_output_tokens", plan.report().cost().dollarsPerMillionOutputTokens());
        List<Map<String, Object>> targets = goal.targets().stream().map(target -> {
            Map<String, Object> one = SloOption.json(target);
            one.put("measured_seconds", target.measured(plan.report()));
            return one;
        }).toList();
        json.put("slo", targets);
        json.put("mean_occupancy", plan.report().cache().meanOccupancy());
        json.put("peak_occupancy", plan.report().cache().peakOccupancy());
        json.put("busy_share", plan.report().pipeline().busyShare());
        json.put("output_tokens_per_second", plan.report().throughput().outputTokensPerSecond());
        json.put("bound_by", plan.binding().toString());
        json.put("reason", plan.reason());
        return json;
    }

    private static Map<String, Object> json(Rejection rejection) {
        Map<String, Object> json = choice(rejection.choice());
        json.put("bound_by", rejection.binding().toString());
        json.put("reason", rejection.reason());
        return json;
    }

    private static Map<String, Object> choice(InstanceChoice choice) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("device", choice.device().name());
        json.put("quant", choice.quantisation().toString());
        json.put("tp", choice.tensorRanks());
        json.put("pp", choice.pipelineStages());
        return json;
    }
}
