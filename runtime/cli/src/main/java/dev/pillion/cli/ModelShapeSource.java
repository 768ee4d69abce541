package dev.pillion.cli;

import dev.pillion.model.architecture.HuggingFaceArchitecture;
import dev.pillion.model.architecture.ModelDescription;
import dev.pillion.model.json.Json;
import dev.pillion.simulator.device.GpuDevice;
import dev.pillion.simulator.device.GpuDevices;
import dev.pillion.simulator.device.ModelShapes;
import dev.pillion.simulator.device.TransformerSizes;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Models and devices that a simulation names: known ones by name, others by a file. */
final class ModelShapeSource {
    private ModelShapeSource() {}

    /** A model's sizes: a known name, a config.json or a folder that holds one. */
    static TransformerSizes model(String name) {
        Optional<TransformerSizes> known = ModelShapes.find(name);
        if (known.isPresent()) {
            return known.get();
        }
        Path given = Path.of(name);
        Path file = Files.isDirectory(given) ? given.resolve("config.json") : given;
        if (!Files.isRegularFile(file)) {
            return usage("--model-shape", () -> ModelShapes.named(name));
        }
        return sizes(HuggingFaceArchitecture.read(file), Boolean.TRUE.equals(Json.parseObject(file).get("tie_word_embeddings")));
    }

    private static TransformerSizes sizes(ModelDescription model, boolean tied) {
        int windowed = 0;
        int window = 0;
        for (int tokens : model.windowTokens()) {
            if (tokens != ModelDescription.NO_WINDOW) {
                windowed++;
                window = tokens;
            }
        }
        return new TransformerSizes(
                model.name(), model.layers(), model.hiddenSize(), model.heads(), model.kvHeads(), model.headDim(),
                model.feedForwardSize(), model.vocabularySize(), true, model.qkNorm(), tied, windowed, window);
    }

    /** A device: a known name, or a JSON file that describes one. */
    static GpuDevice device(String option, String name) {
        Optional<GpuDevice> known = GpuDevices.find(name);
        if (known.isPresent()) {
            return known.get();
        }
        Path file = Path.of(name);
        if (!Files.isRegularFile(file)) {
            return usage(option, () -> GpuDevices.named(name));
        }
        Map<String, @Nullable Object> fields = Json.parseObject(file);
        return usage(option, () -> GpuDevice.described(file.toString(), fields));
    }

    /** Runs what refuses bad values with an {@link IllegalArgumentException}, which is the user's fault. */
    static <T> T usage(String option, Supplier<T> supplier) {
        try {
            return supplier.get();
        } catch (IllegalArgumentException e) {
            throw new CliException(ExitCode.USAGE, option + ": " + e.getMessage(), e);
        }
    }
}
