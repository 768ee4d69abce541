package dev.pillion.cli;

import dev.pillion.simulator.plan.LatencyTarget;
import dev.pillion.simulator.report.LatencySummary;
import dev.pillion.simulator.report.SimulationReport;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/** Prints runs beside each other: a row for each number, a column for each run. */
final class SimulationTable {
    private static final int LONGEST_NAME = 28;

    private final List<SimulationRun> runs;
    private final List<List<String>> rows = new ArrayList<>();

    SimulationTable(List<SimulationRun> runs) {
        this.runs = runs;
    }

    void print(ResultWriter out) {
        for (SimulationRun run : runs) {
            out.line(Printable.of(run.name() + ": " + run.report().cluster()));
            out.line(Printable.of("  " + run.report().workload()));
        }
        out.line("");
        if (runs.size() > 1) {
            row("", run -> shortened(run.name()));
        }
        requests();
        targets();
        latency("TTFT", report -> report.latencies().timeToFirstToken());
        latency("TBT", report -> report.latencies().timeBetweenTokens());
        latency("scheduling delay", report -> report.latencies().schedulingDelay());
        latency("E2E", report -> report.latencies().endToEnd());
        rates();
        printRows(out);
        out.flush();
    }

    private void requests() {
        number("requests finished", "%,.0f", report -> report.requests().finished());
        number("refused", "%,.0f", report -> report.requests().refused());
        number("not finished", "%,.0f", report -> report.requests().unfinished());
        row("simulated", run -> String.format(Locale.ROOT, "%,.1f s", run.report().seconds()));
    }

    private void targets() {
        List<LatencyTarget> targets = runs.stream().flatMap(run -> run.slo().targets().stream()).distinct().toList();
        for (LatencyTarget target : targets) {
            row("SLO " + target, run -> run.slo().targets().contains(target) ? outcome(target, run.report()) : "-");
        }
        if (!targets.isEmpty()) {
            share("requests within the SLO", report -> report.service().attainment());
            number("goodput, requests/s", "%,.3f", report -> report.service().goodputPerSecond());
        }
        if (runs.stream().anyMatch(run -> run.capacity().isPresent())) {
            row("capacity, requests/s", run -> run.capacity()
                    .map(found -> String.format(Locale.ROOT, "%,.3f", found.requestsPerSecond()))
                    .orElse("-"));
        }
    }

    private static String outcome(LatencyTarget target, SimulationReport report) {
        String measured = target.metric().in(report).count() == 0 ? "" : TimeSpan.format(target.measured(report)) + " ";
        return measured + (target.isMetBy(report) ? "met" : "missed");
    }

    private void latency(String name, Function<SimulationReport, LatencySummary> find) {
        row(name + " P50 / P99 / max", run -> {
            LatencySummary found = find.apply(run.report());
            return found.count() == 0
                    ? "-"
                    : TimeSpan.format(found.p50Seconds()) + " / " + TimeSpan.format(found.p99Seconds()) + " / "
                            + TimeSpan.format(found.maxSeconds());
        });
    }

    private void rates() {
        number("requests/s", "%,.3f", report -> report.throughput().requestsPerSecond());
        number("prompt tokens/s", "%,.1f", report -> report.throughput().promptTokensPerSecond());
        number("output tokens/s", "%,.1f", report -> report.throughput().outputTokensPerSecond());
        share("of the optimal throughput", report -> report.throughput().shareOfOptimal());
        number("preemptions", "%,.0f", report -> report.scheduling().preemptions());
        number("recomputed tokens", "%,.0f", report -> report.tokens().recomputed());
        number("prefix hits, tokens", "%,.0f", report -> report.tokens().prefixHits());
        row("KV cache in use, mean / peak", run -> percent(run.report().cache().meanOccupancy()) + " / "
                + percent(run.report().cache().peakOccupancy()));
        share("pipeline bubbles", report -> report.pipeline().bubbleShare());
        movement();
        number("dollars per million output tokens", "%,.3f", report -> report.cost().dollarsPerMillionOutputTokens());
        number("kWh per million output tokens", "%,.3f", report -> report.cost().joulesPerMillionOutputTokens() / 3.6e6);
    }

    private void movement() {
        if (runs.stream().anyMatch(run -> run.report().movement().transfers() > 0)) {
            number("KV transfers", "%,.0f", report -> report.movement().transfers());
            latency("transfer", report -> report.movement().transferTime());
        }
        if (runs.stream().anyMatch(run -> run.report().movement().migrations() > 0)) {
            number("migrations", "%,.0f", report -> report.movement().migrations());
            latency("pause", report -> report.movement().downtime());
        }
    }

    private void number(String name, String format, Function<SimulationReport, Number> find) {
        row(name, run -> String.format(Locale.ROOT, format, find.apply(run.report()).doubleValue()));
    }

    private void share(String name, Function<SimulationReport, Double> find) {
        row(name, run -> find.apply(run.report()) < 0 ? "-" : percent(find.apply(run.report())));
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, share > 0.999 && share < 1 ? "%.3f %%" : "%.1f %%", 100 * share);
    }

    private void row(String name, Function<SimulationRun, String> cell) {
        List<String> row = new ArrayList<>();
        row.add(name);
        runs.forEach(run -> row.add(cell.apply(run)));
        rows.add(row);
    }

    private static String shortened(String name) {
        String shown = Printable.of(name);
        return shown.length() <= LONGEST_NAME ? shown : shown.substring(0, LONGEST_NAME - 3) + "...";
    }

    private void printRows(ResultWriter out) {
        int[] widths = new int[runs.size() + 1];
        for (List<String> row : rows) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            line.append(row.getFirst()).repeat(" ", widths[0] - row.getFirst().length());
            for (int i = 1; i < widths.length; i++) {
                line.repeat(" ", 3 + widths[i] - row.get(i).length()).append(row.get(i));
            }
            out.line(line.toString().stripTrailing());
        }
    }
}
