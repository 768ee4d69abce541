package dev.pillion.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The measurements of one model, in the columns that llama-bench has. */
final class BenchTable {
    private final String model;
    private final long bytes;
    private final long parameters;
    private final String backend;
    private final int threads;
    private final List<Row> rows = new ArrayList<>();

    /** One test, run by run. */
    private record Row(BenchTest test, List<BenchRunner.Run> runs) {
        List<Double> rates() {
            return runs.stream().map(BenchRunner.Run::tokensPerSecond).toList();
        }

        double hostMicros() {
            return runs.stream().mapToDouble(BenchRunner.Run::hostMicrosPerStep).average().orElse(0);
        }

        double mean() {
            return rates().stream().mapToDouble(Double::doubleValue).average().orElse(0);
        }

        /** Of the sample: with n - 1 below the sum. */
        double standardDeviation() {
            double mean = mean();
            double squares = rates().stream().mapToDouble(rate -> (rate - mean) * (rate - mean)).sum();
            return runs.size() < 2 ? 0 : Math.sqrt(squares / (runs.size() - 1));
        }
    }

    BenchTable(String model, long bytes, long parameters, String backend, int threads) {
        this.model = model;
        this.bytes = bytes;
        this.parameters = parameters;
        this.backend = backend;
        this.threads = threads;
    }

    void add(BenchTest test, List<BenchRunner.Run> runs) {
        rows.add(new Row(test, List.copyOf(runs)));
    }

    void print(BenchCommand.Format format, ResultWriter out) {
        switch (format) {
            case MD -> printMarkdown(out);
            case CSV -> printCsv(out);
            case JSON -> JsonOutput.line(out, rows.stream().map(this::json).toList());
        }
        out.flush();
    }

    private void printMarkdown(ResultWriter out) {
        out.line("| model | size | params | backend | threads | batch | test | t/s | host \u00b5s/step |");
        out.line("|---|---:|---:|---|---:|---:|---|---:|---:|");
        for (Row row : rows) {
            out.line(String.format(
                    Locale.ROOT,
                    "| %s | %.2f MiB | %.2f M | %s | %d | %d | %s | %.2f \u00b1 %.2f | %.1f |",
                    Printable.of(model).replace("|", "\\|"),
                    bytes / 1048576.0,
                    parameters / 1e6,
                    backend,
                    threads,
                    row.test.batch(),
                    row.test.name(),
                    row.mean(),
                    row.standardDeviation(),
                    row.hostMicros()));
        }
    }

    private void printCsv(ResultWriter out) {
        out.line("model,size_bytes,parameters,backend,threads,batch,test,repetitions,"
                + "tokens_per_second,standard_deviation,host_microseconds_per_step");
        for (Row row : rows) {
            out.line(String.format(
                    Locale.ROOT,
                    "\"%s\",%d,%d,%s,%d,%d,%s,%d,%.3f,%.3f,%.1f",
                    Printable.of(model).replace("\"", "\"\""),
                    bytes,
                    parameters,
                    backend,
                    threads,
                    row.test.batch(),
                    row.test.name(),
                    row.runs.size(),
                    row.mean(),
                    row.standardDeviation(),
                    row.hostMicros()));
        }
    }

    private Map<String, Object> json(Row row) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("model", model);
        json.put("size_bytes", bytes);
        json.put("parameters", parameters);
        json.put("backend", backend);
        json.put("threads", threads);
        json.put("batch", row.test.batch());
        json.put("test", row.test.name());
        json.put("prompt_tokens", row.test.promptTokens());
        json.put("generated_tokens", row.test.generatedTokens());
        json.put("tokens_per_second", row.mean());
        json.put("standard_deviation", row.standardDeviation());
        json.put("samples", row.rates());
        json.put("host_microseconds_per_step", row.hostMicros());
        return json;
    }
}
