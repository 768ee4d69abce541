package dev.pillion.cli;

import dev.pillion.model.Model;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Parameters;

/** {@code pillion inspect}: what is in a model file, and what running it would take. */
@Command(
        name = "inspect",
        description = "Shows format, architecture, metadata, tensors and memory plan of a model.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        versionProvider = Version.class)
final class InspectCommand implements Callable<Integer> {
    @ParentCommand
    private PillionCommand pillion;

    @Parameters(
            paramLabel = "M",
            arity = "0..1",
            defaultValue = ModelReference.DEMO,
            description = "Model: a .gguf file, a folder, hf:ORG/REPO/FILE, or demo (default: ${DEFAULT-VALUE}).")
    private String model = ModelReference.DEMO;

    @Option(
            names = "--max-sequences",
            paramLabel = "N",
            description = "Sequences at once that the memory plan provides for (default: ${DEFAULT-VALUE}).")
    private int maxSequences = 1;

    @Mixin
    private EngineOptionGroup engineOptions;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Override
    public Integer call() {
        CommandContext context = pillion.context();
        try (Model opened = ModelReference.open(model, context)) {
            ModelReport report = ModelReport.of(opened, engineOptions.options(maxSequences).build());
            if (json) {
                JsonOutput.line(context.out(), report.json());
            } else {
                report.print(context.out());
            }
        }
        return ExitCode.OK.code();
    }
}
