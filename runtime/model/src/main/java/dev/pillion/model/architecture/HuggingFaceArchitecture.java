package dev.pillion.model.architecture;

import dev.pillion.model.ModelFormatException;
import dev.pillion.model.json.Json;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads the description of a model from a Hugging Face config.json, as transformers 4 ({@code rope_theta},
 * {@code rope_scaling}) and transformers 5 ({@code rope_parameters}, {@code layer_types}) write it.
 */
public final class HuggingFaceArchitecture {
    private static final int MOST = 1 << 24;

    private final Path file;
    private final Map<String, @Nullable Object> config;
    private final String type;

    private HuggingFaceArchitecture(Path file, Map<String, @Nullable Object> config, String type) {
        this.file = file;
        this.config = config;
        this.type = type;
    }

    /**
     * Reads the description.
     *
     * @param file the config.json
     * @throws ModelFormatException if the model type is unknown, or a value is missing or out of range
     */
    public static ModelDescription read(Path file) {
        Map<String, @Nullable Object> config = Json.parseObject(file);
        if (!(config.get("model_type") instanceof String type)) {
            throw new ModelFormatException(file, "model_type", "is missing");
        }
        Architectures.requireKnown(file, "model_type", type, Architectures.HUGGING_FACE);
        return new HuggingFaceArchitecture(file, config, type).description();
    }

    private ModelDescription description() {
        if (!"silu".equals(config.getOrDefault("hidden_act", "silu"))) {
            throw fault("hidden_act", "\"" + config.get("hidden_act") + "\" is not supported; known is silu");
        }
        int hidden = positive(config, "hidden_size");
        int heads = positive(config, "num_attention_heads");
        int kvHeads = integer(config, "num_key_value_heads", heads, 1);
        int headDim = integer(config, "head_dim", hidden / heads, 1);
        int layers = positive(config, "num_hidden_layers");
        if (heads % kvHeads != 0) {
            throw fault("num_key_value_heads", kvHeads + " does not divide the " + heads + " query heads");
        }
        return new ModelDescription(
                type,
                String.valueOf(file.toAbsolutePath().getParent().getFileName()),
                layers,
                hidden,
                heads,
                kvHeads,
                headDim,
                positive(config, "intermediate_size"),
                positive(config, "vocab_size"),
                integer(config, "max_position_embeddings", 2048, 1),
                (float) real(config, "rms_norm_eps", 1e-6, 0, 1),
                rope(headDim),
                type.equals("qwen3"),
                windows(layers));
    }

    private List<Integer> windows(int layers) {
        boolean used = type.equals("mistral") || Boolean.TRUE.equals(config.get("use_sliding_window"));
        if (!used || config.get("sliding_window") == null) {
            return Collections.nCopies(layers, ModelDescription.NO_WINDOW);
        }
        int window = integer(config, "sliding_window", 0, 1);
        List<Integer> windows = new ArrayList<>(layers);
        for (int layer = 0; layer < layers; layer++) {
            windows.add(slides(layer, layers) ? window : ModelDescription.NO_WINDOW);
        }
        return windows;
    }

    private boolean slides(int layer, int layers) {
        if (config.get("layer_types") instanceof List<?> types) {
            if (types.size() != layers) {
                throw fault("layer_types", "has " + types.size() + " entries for " + layers + " layers");
            }
            return switch (String.valueOf(types.get(layer))) {
                case "sliding_attention" -> true;
                case "full_attention" -> false;
                default -> throw fault("layer_types", "\"" + types.get(layer) + "\" is not supported");
            };
        }
        // Qwen's files slide from this layer on; Mistral's in all.
        return type.equals("mistral") || layer >= integer(config, "max_window_layers", layers, 0);
    }

    private RopeDescription rope(int headDim) {
        Map<String, @Nullable Object> parameters = object("rope_parameters");
        Map<String, @Nullable Object> scaling = parameters.isEmpty() ? object("rope_scaling") : parameters;
        double base = real(parameters.isEmpty() ? config : parameters, "rope_theta", 10_000, 1, 1e12);
        double share = real(config, "partial_rotary_factor", 1, 0, 1);
        int dimensions = (int) (headDim * share);
        if (dimensions < 2 || dimensions % 2 != 0) {
            throw fault("partial_rotary_factor", "turns " + dimensions + " elements of a head; must be even and positive");
        }
        return new RopeDescription(false, dimensions, base, scaling(scaling));
    }

    private RopeScaling scaling(Map<String, @Nullable Object> scaling) {
        Object kind = scaling.getOrDefault("rope_type", scaling.getOrDefault("type", "default"));
        return switch (String.valueOf(kind)) {
            case "default" -> new RopeScaling.None();
            case "linear" -> new RopeScaling.Linear(factor(scaling));
            case "llama3" ->
                new RopeScaling.Llama3(
                        factor(scaling),
                        real(scaling, "low_freq_factor", 1, 1e-3, 1e6),
                        real(scaling, "high_freq_factor", 4, 1e-3, 1e6),
                        integer(scaling, "original_max_position_embeddings", 8192, 1));
            case "yarn" -> yarn(scaling);
            default -> throw fault(
                    "rope_scaling", "\"" + kind + "\" is not supported; known are default, linear, llama3, yarn");
        };
    }

    private RopeScaling yarn(Map<String, @Nullable Object> scaling) {
        double factor = factor(scaling);
        double magnitude = real(scaling, "attention_factor", RopeScaling.Yarn.defaultMagnitude(factor), 1e-3, 1e3);
        return new RopeScaling.Yarn(
                factor,
                integer(
                        scaling,
                        "original_max_position_embeddings",
                        integer(config, "max_position_embeddings", 2048, 1),
                        1),
                real(scaling, "beta_fast", 32, 1e-3, 1e6),
                real(scaling, "beta_slow", 1, 1e-3, 1e6),
                !Boolean.FALSE.equals(scaling.get("truncate")),
                (float) magnitude);
    }

    private double factor(Map<String, @Nullable Object> scaling) {
        if (scaling.get("factor") == null) {
            throw fault("rope_scaling.factor", "is missing");
        }
        return real(scaling, "factor", 1, 1e-3, 1e6);
    }

    private Map<String, @Nullable Object> object(String key) {
        return switch (config.get(key)) {
            case Map<?, ?> map -> Json.object(map);
            case null -> Map.of();
            default -> throw fault(key, "is not an object");
        };
    }

    private int positive(Map<String, @Nullable Object> from, String key) {
        if (from.get(key) == null) {
            throw fault(key, "is missing");
        }
        return integer(from, key, 0, 1);
    }

    private int integer(Map<String, @Nullable Object> from, String key, int absent, int least) {
        Object value = from.get(key);
        if (value == null) {
            return absent;
        }
        if (!(value instanceof Long number) || number < least || number > MOST) {
            throw fault(key, value + " is not an integer within " + least + " to " + MOST);
        }
        return number.intValue();
    }

    private double real(
            Map<String, @Nullable Object> from, String key, double absent, double least, double most) {
        Object value = from.get(key);
        if (value == null) {
            return absent;
        }
        if (!(value instanceof Number number) || !(number.doubleValue() >= least && number.doubleValue() <= most)) {
            throw fault(key, value + " is not a number within " + least + " to " + most);
        }
        return number.doubleValue();
    }

    private ModelFormatException fault(String key, String problem) {
        return new ModelFormatException(file, key, problem);
    }
}
