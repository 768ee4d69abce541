package dev.pillion.cli;

import dev.pillion.analysis.CalibrationKeys;
import dev.pillion.analysis.MemoryFit;
import dev.pillion.analysis.ModelShapes;
import dev.pillion.model.Model;
import dev.pillion.model.TensorType;
import dev.pillion.scheduler.CostModel;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code pillion analyze}: what a model's steps cost on a device, and what fits its memory. */
@Command(
        name = "analyze",
        description = {
            "Prints the roofline of a prefill chunk, a decode batch and both in one step, operation by",
            "operation; what a decode costs beside a chunk and alone; and what fits the memory."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        versionProvider = Version.class)
final class AnalyzeCommand implements Callable<Integer> {
    private static final int DEFAULT_CONTEXT = 4096;

    @ParentCommand
    private PillionCommand pillion;

    @Mixin
    private ModelOption model;

    @Mixin
    private DeviceOptionGroup device;

    @Option(
            names = "--context",
            paramLabel = "C",
            description = "Tokens each decode attends to, and where the chunk ends (default: the smaller of "
                    + DEFAULT_CONTEXT + " and the model's own).")
    private int context = DEFAULT_CONTEXT;

    @Option(names = "--chunk", paramLabel = "N", description = "Tokens of a prefill chunk (default: ${DEFAULT-VALUE}).")
    private int chunk = 512;

    @Option(names = "--batch", paramLabel = "N", description = "Sequences that decode (default: ${DEFAULT-VALUE}).")
    private int batch = 16;

    @Option(
            names = "--kv-type",
            paramLabel = "TYPE",
            description = "Element type of the KV cache: F32 or F16 (default: ${DEFAULT-VALUE}).")
    private TensorType kvType = TensorType.F32;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Override
    public Integer call() {
        atLeastOne("--context", context);
        atLeastOne("--chunk", chunk);
        atLeastOne("--batch", batch);
        if (kvType != TensorType.F32 && kvType != TensorType.F16) {
            throw new CliException(ExitCode.USAGE, "--kv-type is " + kvType + "; give F32 or F16");
        }
        CommandContext process = pillion.context();
        DeviceOptionGroup.Chosen chosen = device.choose(process);
        try (Model opened = model.open(process)) {
            int within = Math.min(context, opened.description().contextLength());
            Analysis analysis = new Analysis(
                    opened.description().name(),
                    new CostModel(ModelShapes.of(opened, kvType)),
                    chosen.spec(),
                    Optional.ofNullable(chosen.models().get(CalibrationKeys.model(opened, kvType))),
                    within,
                    Math.min(chunk, within),
                    batch);
            MemoryFit fit =
                    new MemoryFit(opened, chosen.spec().memoryBytes().orElse(Long.MAX_VALUE), chunk, kvType);
            AnalysisReport report = new AnalysisReport(analysis, fit);
            if (json) {
                JsonOutput.line(process.out(), report.json());
            } else {
                report.print(process.out());
            }
        }
        return ExitCode.OK.code();
    }

    private static void atLeastOne(String option, int value) {
        if (value < 1) {
            throw new CliException(ExitCode.USAGE, option + " is " + value + "; give at least 1");
        }
    }
}
