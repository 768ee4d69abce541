package dev.pillion.model.architecture;

import dev.pillion.model.Metadata;
import dev.pillion.model.ModelFormatException;
import dev.pillion.model.Tensor;
import dev.pillion.model.TensorType;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Collections;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/** Reads the description of a model from GGUF metadata, whose keys begin with the architecture's name. */
public final class GgufArchitecture {
    private static final int MOST = 1 << 24;
    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final Metadata metadata;
    private final Map<String, Tensor> tensors;
    private final String architecture;

    private GgufArchitecture(Metadata metadata, Map<String, Tensor> tensors, String architecture) {
        this.metadata = metadata;
        this.tensors = tensors;
        this.architecture = architecture;
    }

    /**
     * Reads the description.
     *
     * @param metadata the file's key-value pairs
     * @param tensors the file's tensors, for what the metadata leaves out
     * @throws ModelFormatException if the architecture is unknown, or a value is missing or out of range
     */
    public static ModelDescription read(Metadata metadata, Map<String, Tensor> tensors) {
        String key = "general.architecture";
        String architecture = metadata.string(key).orElseThrow(() -> metadata.missing(key));
        Architectures.requireKnown(metadata.file(), key, architecture, Architectures.GGUF);
        return new GgufArchitecture(metadata, tensors, architecture).description();
    }

    private ModelDescription description() {
        refuse("expert_count", "mixture-of-experts layers are not supported");
        int hidden = positive("embedding_length");
        int heads = positive("attention.head_count");
        int kvHeads = positiveOr("attention.head_count_kv", heads);
        int headDim = positiveOr("attention.key_length", hidden / heads);
        int valueDim = positiveOr("attention.value_length", headDim);
        if (valueDim != headDim) {
            throw fault("attention.value_length", "is " + valueDim + "; values must be as long as keys (" + headDim + ")");
        }
        if (heads % kvHeads != 0) {
            throw fault("attention.head_count_kv", kvHeads + " does not divide the " + heads + " query heads");
        }
        int layers = positive("block_count");
        int window = (int) number("attention.sliding_window", 0, 0, Integer.MAX_VALUE);
        return new ModelDescription(
                architecture,
                metadata.string("general.name").orElseGet(() -> String.valueOf(metadata.file().getFileName())),
                layers,
                hidden,
                heads,
                kvHeads,
                headDim,
                positive("feed_forward_length"),
                vocabularySize(hidden),
                positiveOr("context_length", 2048),
                (float) real("attention.layer_norm_rms_epsilon", 1e-5, 0, 1),
                rope(headDim),
                architecture.equals("qwen3"),
                Collections.nCopies(layers, window == 0 ? ModelDescription.NO_WINDOW : window));
    }

    private int vocabularySize(int hidden) {
        Tensor embedding = tensors.get("token_embd.weight");
        if (embedding == null || embedding.shape().size() != 2 || embedding.columns() != hidden) {
            throw new ModelFormatException(
                    metadata.file(), "tensor token_embd.weight", "is missing or not [vocabulary, " + hidden + "]");
        }
        return Math.toIntExact(embedding.rows());
    }

    private RopeDescription rope(int headDim) {
        int dimensions = positiveOr("rope.dimension_count", headDim);
        if (dimensions > headDim || dimensions % 2 != 0) {
            throw fault("rope.dimension_count", dimensions + " is not an even number up to the head's " + headDim);
        }
        boolean adjacent = architecture.equals("llama");
        return new RopeDescription(adjacent, dimensions, real("rope.freq_base", 10_000, 1, 1e12), scaling(dimensions));
    }

    private RopeScaling scaling(int dimensions) {
        Tensor divisors = tensors.get("rope_freqs.weight");
        if (divisors != null) {
            return divisors(divisors, dimensions / 2);
        }
        double factor = real("rope.scaling.factor", real("rope.scale_linear", 1, 1e-3, 1e6), 1e-3, 1e6);
        String type = metadata.string(key("rope.scaling.type")).orElse(factor == 1 ? "none" : "linear");
        return switch (type) {
            case "none" -> new RopeScaling.None();
            case "linear" -> new RopeScaling.Linear(factor);
            case "yarn" -> yarn(factor);
            default -> throw fault("rope.scaling.type", "\"" + type + "\" is not supported; known are none, linear, yarn");
        };
    }

    private RopeScaling yarn(double factor) {
        float magnitude = RopeScaling.Yarn.defaultMagnitude(factor)
                * (float) real("rope.scaling.attn_factor", 1, 1e-3, 1e3);
        return new RopeScaling.Yarn(
                factor,
                positiveOr("rope.scaling.original_context_length", positiveOr("context_length", 2048)),
                real("rope.scaling.yarn_beta_fast", 32, 1e-3, 1e6),
                real("rope.scaling.yarn_beta_slow", 1, 1e-3, 1e6),
                true,
                magnitude);
    }

    private RopeScaling divisors(Tensor tensor, int pairs) {
        if (tensor.type() != TensorType.F32 || tensor.elements() != pairs) {
            throw new ModelFormatException(
                    metadata.file(), "tensor rope_freqs.weight", "should be " + pairs + " F32 values");
        }
        float[] values = new float[pairs];
        for (int i = 0; i < pairs; i++) {
            float value = tensor.data().getAtIndex(FLOAT, i);
            values[i] = value;
            if (!(value > 0) || value == Float.POSITIVE_INFINITY) {
                throw new ModelFormatException(
                        metadata.file(), "tensor rope_freqs.weight", "holds " + value + ", not a positive number");
            }
        }
        return RopeScaling.divisors(values);
    }

    private String key(String suffix) {
        return architecture + "." + suffix;
    }

    private int positive(String suffix) {
        if (!metadata.has(key(suffix))) {
            throw metadata.missing(key(suffix));
        }
        return (int) number(suffix, 0, 1, MOST);
    }

    private int positiveOr(String suffix, int absent) {
        return (int) number(suffix, absent, 1, MOST);
    }

    private long number(String suffix, long absent, long least, long most) {
        OptionalLong value = perLayer(suffix);
        long number = value.orElse(absent);
        if (number < least || number > most) {
            throw fault(suffix, number + " is not within " + least + " to " + most);
        }
        return number;
    }

    /** Some files give one value per layer; they are accepted where all are equal. */
    private OptionalLong perLayer(String suffix) {
        if (metadata.values().get(key(suffix)) instanceof long[] values) {
            if (values.length == 0 || Arrays.stream(values).distinct().count() != 1) {
                throw fault(suffix, "differs between layers, which is not supported");
            }
            return OptionalLong.of(values[0]);
        }
        return metadata.integer(key(suffix));
    }

    private double real(String suffix, double absent, double least, double most) {
        OptionalDouble value = metadata.number(key(suffix));
        double number = value.orElse(absent);
        if (!(number >= least && number <= most)) {
            throw fault(suffix, number + " is not within " + least + " to " + most);
        }
        return number;
    }

    private void refuse(String suffix, String why) {
        if (metadata.integer(key(suffix)).orElse(0) != 0) {
            throw fault(suffix, why);
        }
    }

    private ModelFormatException fault(String suffix, String problem) {
        return new ModelFormatException(metadata.file(), "metadata key " + key(suffix), problem);
    }
}
