package dev.pillion.cli;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** Prints how a service did. */
final class LoadReport {
    private final String model;
    private final String backend;
    private final String scheduling;
    private final Workload workload;
    private final LoadResult result;

    LoadReport(String model, String backend, String scheduling, Workload workload, LoadResult result) {
        this.model = model;
        this.backend = backend;
        this.scheduling = scheduling;
        this.workload = workload;
        this.result = result;
    }

    void print(BenchCommand.Format format, ResultWriter out) {
        switch (format) {
            case MD -> printMarkdown(out);
            case CSV -> printCsv(out);
            case JSON -> JsonOutput.line(out, json());
        }
        out.flush();
    }

    private Map<String, Percentiles> times() {
        Map<String, Percentiles> times = new LinkedHashMap<>();
        times.put("TTFT", result.firstToken());
        times.put("TBT", result.betweenTokens());
        times.put("queue", result.queued());
        times.put("E2E", result.endToEnd());
        return times;
    }

    private String arrival() {
        return workload.isClosedLoop()
                ? "closed loop of " + workload.users() + " users"
                : String.format(
                        Locale.ROOT, "poisson arrivals at %.3f/s, %d at once", workload.rate(), workload.users());
    }

    private void printMarkdown(ResultWriter out) {
        out.line(String.format(
                Locale.ROOT,
                "%s on %s, scheduling %s: %s, prompts of %s and answers of %s tokens, seed %d",
                Printable.of(model),
                backend,
                scheduling,
                arrival(),
                workload.promptTokens(),
                workload.outputTokens(),
                workload.seed()));
        out.line("");
        out.line("| ms | P50 | P90 | P99 | max |");
        out.line("|---|---:|---:|---:|---:|");
        times().forEach((name, time) -> out.line(String.format(
                Locale.ROOT,
                "| %s | %.2f | %.2f | %.2f | %.2f |",
                name, time.at(0.50), time.at(0.90), time.at(0.99), time.max())));
        out.line("");
        out.line("| requests/s | input tok/s | output tok/s | sent | answered | refused | cut off | failed | "
                + "seconds |");
        out.line("|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
        out.line(String.format(
                Locale.ROOT,
                "| %.3f | %.1f | %.1f | %d | %d | %d | %d | %d | %.2f |",
                result.requestsPerSecond(),
                result.inputTokensPerSecond(),
                result.outputTokensPerSecond(),
                result.sent(),
                result.answered(),
                result.refused(),
                result.cutOff(),
                result.failed(),
                result.seconds()));
    }

    /** One line of names, one of values; times in milliseconds. */
    private void printCsv(ResultWriter out) {
        Map<String, Object> columns = new LinkedHashMap<>();
        json().forEach((name, value) -> {
            if (value instanceof Map<?, ?> inner) {
                inner.forEach((innerName, innerValue) -> columns.put(name + "_" + innerName, innerValue));
            } else {
                columns.put(name, value);
            }
        });
        out.line(String.join(",", columns.keySet()));
        out.line(columns.values().stream().map(LoadReport::csv).reduce((a, b) -> a + "," + b).orElse(""));
    }

    private static String csv(Object value) {
        return switch (value) {
            case Double number -> String.format(Locale.ROOT, "%.4f", number);
            case Number number -> number.toString();
            default -> "\"" + Printable.of(value.toString()).replace("\"", "\"\"") + "\"";
        };
    }

    private Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("model", model);
        json.put("backend", backend);
        json.put("scheduling", scheduling);
        json.put("arrival", workload.isClosedLoop() ? "closed" : "poisson");
        json.put("concurrency", workload.users());
        json.put("rate", workload.rate());
        json.put("prompt_tokens", workload.promptTokens().toString());
        json.put("output_tokens", workload.outputTokens().toString());
        json.put("seed", workload.seed());
        json.put("seconds", result.seconds());
        json.put("sent", result.sent());
        json.put("answered", result.answered());
        json.put("refused", result.refused());
        json.put("cut_off", result.cutOff());
        json.put("failed", result.failed());
        json.put("input_tokens", result.inputTokens());
        json.put("generated_tokens", result.outputTokens());
        json.put("requests_per_second", result.requestsPerSecond());
        json.put("input_tokens_per_second", result.inputTokensPerSecond());
        json.put("output_tokens_per_second", result.outputTokensPerSecond());
        json.put("ttft_ms", result.firstToken().json());
        json.put("tbt_ms", result.betweenTokens().json());
        json.put("queue_ms", result.queued().json());
        json.put("e2e_ms", result.endToEnd().json());
        return json;
    }
}
