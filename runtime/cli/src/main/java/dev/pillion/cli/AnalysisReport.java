package dev.pillion.cli;

import dev.pillion.MemoryPlan;
import dev.pillion.analysis.MemoryFit;
import dev.pillion.scheduler.DeviceCeilings;
import dev.pillion.scheduler.OperationCost;
import dev.pillion.scheduler.StepCost;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Prints an analysis. */
final class AnalysisReport {
    private static final String COLUMNS = "  %-14s %12s %12s %10s %12s %7s  %s";

    private final Analysis analysis;
    private final MemoryFit fit;
    private final MemoryPlan plan;

    AnalysisReport(Analysis analysis, MemoryFit fit) {
        this.analysis = analysis;
        this.fit = fit;
        this.plan = fit.plan(analysis.sequences(), analysis.contextTokens());
    }

    void print(ResultWriter out) {
        DeviceCeilings ceilings = analysis.device().ceilings();
        out.line("model    " + Printable.of(analysis.model()) + ", " + ByteSize.format(plan.weightBytes())
                + " of weights, " + ByteSize.format(plan.kvBytesPerToken()) + " of KV cache a token");
        out.line("device   " + Printable.of(analysis.device().name()) + " (" + Printable.of(analysis.device().origin())
                + ")");
        out.line(String.format(
                Locale.ROOT,
                "ceilings %.1f GB/s, %.3f TFLOP/s, %.2f us a launch; memory decides below %.1f FLOP/byte",
                ceilings.bytesPerSecond() / 1e9,
                ceilings.flopsPerSecond() / 1e12,
                ceilings.launchSeconds() * 1e6,
                ceilings.flopsPerSecond() / ceilings.bytesPerSecond()));
        analysis.steps().forEach(step -> print(step, out));
        printDecodes(out);
        printMemory(out);
        out.flush();
    }

    private void print(Analysis.Step step, ResultWriter out) {
        StepCost cost = analysis.cost(step.batch());
        double total = analysis.seconds(step.batch());
        out.line("");
        out.line(step.name() + ": " + contents(step));
        out.line(String.format(
                Locale.ROOT, COLUMNS, "operation", "FLOP", "bytes", "FLOP/byte", "time", "share", "bound by"));
        for (OperationCost row : cost.operations()) {
            double seconds = row.seconds(analysis.device().ceilings());
            String bound = analysis.bound(row).name().toLowerCase(Locale.ROOT);
            out.line(row(row.operation().name().toLowerCase(Locale.ROOT), row.flops(), row.bytes(), seconds, total,
                    seconds == 0 ? "-" : bound));
        }
        long bytes = cost.operations().stream().mapToLong(OperationCost::bytes).sum();
        out.line(row("total", cost.flops(), bytes, total, total, ""));
        out.line(String.format(
                Locale.ROOT,
                "  %s of weights, KV %s read and %s written; at best %.1f tok/s",
                ByteSize.format(cost.weightBytes()),
                ByteSize.format(cost.kvReadBytes()),
                ByteSize.format(cost.kvWriteBytes()),
                step.batch().tokens() / total));
        analysis.measuredSeconds(step.batch()).ifPresent(seconds -> out.line(String.format(
                Locale.ROOT,
                "  by measured operation times: %s, %.1f tok/s, the roofline being %.0f %% of it",
                time(seconds), step.batch().tokens() / seconds, 100 * total / seconds)));
    }

    private static String row(String name, long flops, long bytes, double seconds, double total, String bound) {
        return String.format(
                Locale.ROOT,
                COLUMNS,
                name,
                scaled(flops),
                scaled(bytes),
                bytes == 0 ? "-" : String.format(Locale.ROOT, "%.2f", (double) flops / bytes),
                time(seconds),
                String.format(Locale.ROOT, "%.1f %%", total == 0 ? 0 : 100 * seconds / total),
                bound).stripTrailing();
    }

    private String contents(Analysis.Step step) {
        String chunk = analysis.chunkTokens() + " tokens of a prompt up to token " + analysis.contextTokens();
        String decodes = analysis.sequences() + " sequences that attend to " + analysis.contextTokens() + " tokens";
        return switch (step.name()) {
            case "prefill chunk" -> chunk;
            case "decode batch" -> decodes;
            default -> chunk + " with " + decodes;
        };
    }

    private void printDecodes(ResultWriter out) {
        out.line("");
        out.line("a decode costs            riding on the chunk   in the decode batch   in a step of its own");
        decodeLine("  by the roofline", analysis.decodeCost(), out);
        analysis.measuredDecodeCost().ifPresent(cost -> decodeLine("  by measured times", cost, out));
    }

    private static void decodeLine(String name, Analysis.DecodeCost cost, ResultWriter out) {
        out.line(String.format(
                Locale.ROOT,
                "%-23s %20s  %20s  %20s   (riding is 1/%.1f of that)",
                name,
                time(cost.riding()),
                time(cost.inBatch()),
                time(cost.alone()),
                cost.alone() / cost.riding()));
    }

    private void printMemory(ResultWriter out) {
        int sequences = analysis.sequences();
        int context = analysis.contextTokens();
        out.line("");
        out.line(String.format(
                Locale.ROOT,
                "memory   weights %s + activations %s + KV cache of %d x %d tokens %s = %s",
                ByteSize.format(plan.weightBytes()),
                ByteSize.format(plan.workspaceBytes()),
                sequences,
                context,
                ByteSize.format(MemoryFit.kvBytes(plan, sequences, context)),
                ByteSize.format(fit.bytes(sequences, context))));
        if (analysis.device().memoryBytes().isEmpty()) {
            out.line("         the device's memory is unknown; give --memory-gib to see what fits");
            return;
        }
        out.line(String.format(
                Locale.ROOT,
                "fits %s: at most %d sequences of %d tokens; %d sequences of at most %d tokens",
                ByteSize.format(analysis.device().memoryBytes().getAsLong()),
                fit.largestBatch(context),
                context,
                sequences,
                fit.longestContext(sequences)));
    }

    private static String scaled(long number) {
        String units = " kMGTPE";
        double amount = number;
        int unit = 0;
        while (amount >= 1000 && unit < units.length() - 1) {
            amount /= 1000;
            unit++;
        }
        return unit == 0 ? String.valueOf(number) : String.format(Locale.ROOT, "%.2f %s", amount, units.charAt(unit));
    }

    private static String time(double seconds) {
        if (seconds < 1e-3) {
            return String.format(Locale.ROOT, "%.2f us", seconds * 1e6);
        }
        return seconds < 1
                ? String.format(Locale.ROOT, "%.3f ms", seconds * 1e3)
                : String.format(Locale.ROOT, "%.3f s", seconds);
    }

    Map<String, Object> json() {
        DeviceCeilings ceilings = analysis.device().ceilings();
        Map<String, Object> device = new LinkedHashMap<>();
        device.put("name", analysis.device().name());
        device.put("origin", analysis.device().origin());
        device.put("bytes_per_second", ceilings.bytesPerSecond());
        device.put("flops_per_second", ceilings.flopsPerSecond());
        device.put("launch_seconds", ceilings.launchSeconds());
        analysis.device().memoryBytes().ifPresent(bytes -> device.put("memory_bytes", bytes));
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("model", analysis.model());
        json.put("device", device);
        json.put("context", analysis.contextTokens());
        json.put("chunk", analysis.chunkTokens());
        json.put("batch", analysis.sequences());
        Map<String, Object> steps = new LinkedHashMap<>();
        analysis.steps().forEach(step -> steps.put(step.name().replace(' ', '_'), json(step)));
        json.put("steps", steps);
        json.put("decode_seconds", json(analysis.decodeCost()));
        analysis.measuredDecodeCost().ifPresent(cost -> json.put("measured_decode_seconds", json(cost)));
        json.put("memory", memoryJson());
        return json;
    }

    private Map<String, Object> json(Analysis.Step step) {
        StepCost cost = analysis.cost(step.batch());
        List<Map<String, Object>> rows = new ArrayList<>();
        for (OperationCost row : cost.operations()) {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("operation", row.operation());
            json.put("flops", row.flops());
            json.put("weight_bytes", row.weightBytes());
            json.put("kv_read_bytes", row.kvReadBytes());
            json.put("kv_write_bytes", row.kvWriteBytes());
            json.put("activation_bytes", row.activationBytes());
            json.put("launches", row.launches());
            json.put("seconds", row.seconds(analysis.device().ceilings()));
            json.put("bound", analysis.bound(row).name().toLowerCase(Locale.ROOT));
            rows.add(json);
        }
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("tokens", step.batch().tokens());
        json.put("flops", cost.flops());
        json.put("weight_bytes", cost.weightBytes());
        json.put("kv_read_bytes", cost.kvReadBytes());
        json.put("kv_write_bytes", cost.kvWriteBytes());
        json.put("seconds", analysis.seconds(step.batch()));
        analysis.measuredSeconds(step.batch()).ifPresent(seconds -> json.put("measured_seconds", seconds));
        json.put("operations", rows);
        return json;
    }

    private static Map<String, Object> json(Analysis.DecodeCost cost) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("riding", cost.riding());
        json.put("in_batch", cost.inBatch());
        json.put("alone", cost.alone());
        return json;
    }

    private Map<String, Object> memoryJson() {
        int sequences = analysis.sequences();
        int context = analysis.contextTokens();
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("weight_bytes", plan.weightBytes());
        json.put("workspace_bytes", plan.workspaceBytes());
        json.put("kv_bytes_per_token", plan.kvBytesPerToken());
        json.put("kv_bytes", MemoryFit.kvBytes(plan, sequences, context));
        json.put("total_bytes", fit.bytes(sequences, context));
        if (analysis.device().memoryBytes().isPresent()) {
            json.put("largest_batch", fit.largestBatch(context));
            json.put("longest_context", fit.longestContext(sequences));
        }
        return json;
    }
}
