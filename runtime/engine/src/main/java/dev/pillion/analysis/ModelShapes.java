package dev.pillion.analysis;

import dev.pillion.PillionException;
import dev.pillion.model.Model;
import dev.pillion.model.ModelFormatException;
import dev.pillion.model.Tensor;
import dev.pillion.model.TensorType;
import dev.pillion.model.architecture.ModelDescription;
import dev.pillion.scheduler.ModelShape;
import dev.pillion.spi.KvLayout;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The shape of a model as the cost model sees it, with the bytes of its tensors as they are stored.
 *
 * <p>So that the cost model's bytes equal a backend's counters to the last one, vectors count with the matrix they are
 * used beside: a bias with its matrix, a norm's gain with the matrices that read what it wrote. These run in the same
 * steps, so no step is charged for a vector it does not read.
 */
public final class ModelShapes {
    private static final int ACTIVATION_BYTES = Float.BYTES;

    private final Model model;
    private final Map<String, Tensor> tensors;

    private ModelShapes(Model model) {
        this.model = model;
        this.tensors = model.tensors();
    }

    /**
     * The shape of a model.
     *
     * @param kvType element type of keys and values
     * @throws ModelFormatException if a tensor is missing
     * @throws PillionException with code {@code BAD_REQUEST} if layers have windows of different lengths, which the
     *     cost model cannot tell apart
     */
    public static ModelShape of(Model model, TensorType kvType) {
        return new ModelShapes(model).shape(kvType);
    }

    private ModelShape shape(TensorType kvType) {
        ModelDescription d = model.description();
        List<Integer> windows = d.windowTokens().stream()
                .filter(window -> window != ModelDescription.NO_WINDOW)
                .toList();
        List<Integer> lengths = windows.stream().distinct().toList();
        if (lengths.size() > 1) {
            throw new PillionException(
                    PillionException.Code.BAD_REQUEST,
                    "layers of " + d.name() + " have windows of different lengths " + lengths
                            + "; the cost model knows one length only");
        }
        String output = tensors.containsKey("output.weight") ? "output" : "token_embd";
        return new ModelShape(
                d.layers(),
                d.hiddenSize(),
                d.heads(),
                d.kvHeads(),
                d.headDim(),
                d.feedForwardSize(),
                d.vocabularySize(),
                true,
                tensors.containsKey("blk.0.attn_q_norm.weight"),
                allLayers("attn_q", "attn_k", "attn_v", "attn_norm", "attn_q_norm", "attn_k_norm"),
                allLayers("attn_output"),
                allLayers("ffn_gate", "ffn_up", "ffn_norm"),
                allLayers("ffn_down"),
                bytes(output) + bytes("output_norm"),
                required("token_embd").type().bytesFor(d.hiddenSize()),
                new KvLayout(d.layers(), d.kvHeads(), d.headDim(), 1, kvType).bytesPerToken(),
                windows.size(),
                windows.isEmpty() ? 0 : windows.getFirst(),
                ACTIVATION_BYTES);
    }

    private long allLayers(String... names) {
        long bytes = 0;
        for (int layer = 0; layer < model.description().layers(); layer++) {
            for (String name : names) {
                bytes += bytes("blk." + layer + "." + name);
            }
        }
        return bytes;
    }

    /** A weight and, where there is one, its bias. Norms of queries and keys are absent from most models. */
    private long bytes(String name) {
        boolean optional = name.endsWith("_q_norm") || name.endsWith("_k_norm");
        long weight = optional ? storedBytes(name + ".weight") : required(name).data().byteSize();
        return weight + storedBytes(name + ".bias");
    }

    private Tensor required(String name) {
        return Optional.ofNullable(tensors.get(name + ".weight"))
                .orElseThrow(() -> new ModelFormatException(model.path(), "tensor " + name + ".weight", "is missing"));
    }

    private long storedBytes(String tensor) {
        return Optional.ofNullable(tensors.get(tensor)).map(found -> found.data().byteSize()).orElse(0L);
    }
}
