package dev.pillion.cli;

import dev.pillion.model.Model;
import picocli.CommandLine.Option;

/** The option that names a model. */
final class ModelOption {
    @Option(
            names = {"-m", "--model"},
            paramLabel = "M",
            defaultValue = ModelReference.DEMO,
            description = "Model: a .gguf file, a folder, hf:ORG/REPO/FILE, or demo (default: ${DEFAULT-VALUE}).")
    private String model = ModelReference.DEMO;

    String name() {
        return model;
    }

    Model open(CommandContext context) {
        return ModelReference.open(model, context);
    }
}
