package dev.pillion.engine;

import dev.pillion.model.ModelFormatException;
import dev.pillion.model.Tensor;
import dev.pillion.model.architecture.ModelDescription;
import dev.pillion.spi.Backend;
import dev.pillion.spi.Weight;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A model's tensors at their places in the forward pass, handed to a backend. Every tensor must have the shape the
 * description implies and every tensor of the file must have a place: one that would be ignored changes the model's
 * answers, so it is refused by name.
 */
final class TransformerWeights {
    /**
     * A linear layer.
     *
     * @param weight {@code [outputs, inputs]}
     * @param bias {@code [outputs]}, where the file has one
     */
    record Linear(Weight weight, @Nullable Weight bias) {}

    /** The weights of one transformer block. */
    record Layer(
            Weight attentionNorm,
            Linear query,
            Linear key,
            Linear value,
            @Nullable Weight queryNorm,
            @Nullable Weight keyNorm,
            Linear attentionOutput,
            Weight feedForwardNorm,
            Linear gate,
            Linear up,
            Linear down) {}

    final Weight embedding;
    final List<Layer> layers = new ArrayList<>();
    final Weight outputNorm;
    final Linear output;

    private final Path file;
    private final Map<String, Tensor> tensors;
    private final Backend backend;
    private final WeightLoading loading;
    private final Set<String> used = new HashSet<>();

    /**
     * Takes the weights.
     *
     * @param file named in exceptions
     * @param description the model's shape
     * @param tensors the model's tensors by GGUF name
     * @param backend where they go
     * @param loading hears of each
     * @throws ModelFormatException if a tensor is missing, has another shape, or has no place
     */
    TransformerWeights(
            Path file,
            ModelDescription description,
            Map<String, Tensor> tensors,
            Backend backend,
            WeightLoading loading) {
        this.file = file;
        this.tensors = tensors;
        this.backend = backend;
        this.loading = loading;
        int hidden = description.hiddenSize();
        embedding = matrix("token_embd.weight", description.vocabularySize(), hidden);
        for (int i = 0; i < description.layers(); i++) {
            layers.add(layer("blk." + i + ".", description));
        }
        outputNorm = vector("output_norm.weight", hidden);
        output = tensors.containsKey("output.weight")
                ? linear("output", description.vocabularySize(), hidden)
                : new Linear(embedding, null);
        refuseUnused();
    }

    private Layer layer(String prefix, ModelDescription description) {
        int hidden = description.hiddenSize();
        int queries = description.queryWidth();
        int keys = description.kvWidth();
        int wide = description.feedForwardSize();
        boolean qkNorm = description.qkNorm();
        return new Layer(
                vector(prefix + "attn_norm.weight", hidden),
                linear(prefix + "attn_q", queries, hidden),
                linear(prefix + "attn_k", keys, hidden),
                linear(prefix + "attn_v", keys, hidden),
                qkNorm ? vector(prefix + "attn_q_norm.weight", description.headDim()) : null,
                qkNorm ? vector(prefix + "attn_k_norm.weight", description.headDim()) : null,
                linear(prefix + "attn_output", hidden, queries),
                vector(prefix + "ffn_norm.weight", hidden),
                linear(prefix + "ffn_gate", wide, hidden),
                linear(prefix + "ffn_up", wide, hidden),
                linear(prefix + "ffn_down", hidden, wide));
    }

    private Linear linear(String name, int outputs, int inputs) {
        Weight weight = matrix(name + ".weight", outputs, inputs);
        String bias = name + ".bias";
        return new Linear(weight, tensors.containsKey(bias) ? vector(bias, outputs) : null);
    }

    private Weight matrix(String name, int rows, int columns) {
        return take(name, List.of((long) rows, (long) columns));
    }

    private Weight vector(String name, int length) {
        return take(name, List.of((long) length));
    }

    private Weight take(String name, List<Long> shape) {
        Tensor tensor = Optional.ofNullable(tensors.get(name))
                .orElseThrow(() -> new ModelFormatException(file, "tensor " + name, "is missing"));
        if (!tensor.shape().equals(shape)) {
            throw new ModelFormatException(
                    file, "tensor " + name, "has shape " + tensor.shape() + ", the model's description needs " + shape);
        }
        used.add(name);
        Weight weight = backend.weight(tensor);
        loading.handedOver(tensor);
        return weight;
    }

    private void refuseUnused() {
        used.add(WeightLoading.ROPE_FREQUENCIES);
        for (String name : tensors.keySet()) {
            if (!used.contains(name)) {
                throw new ModelFormatException(
                        file, "tensor " + name, "has no place in this architecture and would be ignored");
            }
        }
    }
}
