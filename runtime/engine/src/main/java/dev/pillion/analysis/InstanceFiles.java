package dev.pillion.analysis;

import dev.pillion.PillionException;
import dev.pillion.model.ModelFormatException;
import dev.pillion.model.architecture.HuggingFaceArchitecture;
import dev.pillion.model.architecture.ModelDescription;
import dev.pillion.model.json.Json;
import dev.pillion.simulator.device.GpuDevice;
import dev.pillion.simulator.device.GpuDevices;
import dev.pillion.simulator.device.ModelShapes;
import dev.pillion.simulator.device.TransformerSizes;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/** Models and devices of simulated instances, by name or from files. */
public final class InstanceFiles {
    private InstanceFiles() {}

    /**
     * A model's sizes.
     *
     * @param nameOrConfig a name of {@link ModelShapes}, or a config.json
     * @throws PillionException with code {@code BAD_REQUEST} if it is neither, or if layers have windows of different lengths
     */
    public static TransformerSizes model(String nameOrConfig) {
        return ModelShapes.find(nameOrConfig).orElseGet(() -> {
            Path file = Path.of(nameOrConfig);
            if (!Files.isRegularFile(file)) {
                throw refused("no model shape \"" + nameOrConfig + "\"; known are " + String.join(", ", ModelShapes.names())
                        + ", or give a config.json");
            }
            return sizes(file);
        });
    }

    private static TransformerSizes sizes(Path config) {
        try {
            ModelDescription d = HuggingFaceArchitecture.read(config);
            List<Integer> windows =
                    d.windowTokens().stream().filter(window -> window != ModelDescription.NO_WINDOW).toList();
            if (windows.stream().distinct().count() > 1) {
                throw refused("layers of " + config + " have windows of different lengths "
                        + windows.stream().distinct().toList() + "; the cost model knows one length only");
            }
            boolean tied = Boolean.TRUE.equals(Json.parseObject(config).get("tie_word_embeddings"));
            return new TransformerSizes(
                    d.name(), d.layers(), d.hiddenSize(), d.heads(), d.kvHeads(), d.headDim(), d.feedForwardSize(),
                    d.vocabularySize(), true, d.qkNorm(), tied, windows.size(), windows.isEmpty() ? 0 : windows.getFirst());
        } catch (ModelFormatException e) {
            throw refused("cannot use " + config + " as a model's shape: " + e.getMessage(), e);
        }
    }

    /**
     * A device.
     *
     * @param nameOrFile a name of {@link GpuDevices}, or a file with a description: JSON, or properties where its name ends so
     * @throws PillionException with code {@code BAD_REQUEST} if it is neither
     * @see GpuDevice#described
     */
    public static GpuDevice device(String nameOrFile) {
        return GpuDevices.find(nameOrFile).orElseGet(() -> {
            Path file = Path.of(nameOrFile);
            if (!Files.isRegularFile(file)) {
                throw refused("no device \"" + nameOrFile + "\"; known are " + String.join(", ", GpuDevices.names())
                        + ", or give a file that describes one");
            }
            try {
                return GpuDevice.described(nameOrFile, nameOrFile.endsWith(".properties") ? properties(file) : json(file));
            } catch (IllegalArgumentException | ModelFormatException e) {
                throw refused(String.valueOf(e.getMessage()), e);
            }
        });
    }

    private static Map<String, Object> json(Path file) {
        Map<String, Object> fields = new HashMap<>();
        Json.parseObject(file).forEach((key, value) -> fields.put(key, value == null ? "null" : value));
        return fields;
    }

    private static Map<String, Object> properties(Path file) {
        Properties properties = new Properties();
        try (Reader in = Files.newBufferedReader(file)) {
            properties.load(in);
        } catch (IOException e) {
            throw refused("cannot read " + file + ": " + e, e);
        }
        Map<String, Object> fields = new HashMap<>();
        properties.stringPropertyNames().forEach(key -> fields.put(key, properties.getProperty(key)));
        return fields;
    }

    private static PillionException refused(String problem) {
        return new PillionException(PillionException.Code.BAD_REQUEST, problem);
    }

    private static PillionException refused(String problem, Exception cause) {
        return new PillionException(PillionException.Code.BAD_REQUEST, problem, cause);
    }
}
