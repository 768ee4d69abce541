package dev.pillion.model;

import dev.pillion.model.architecture.ModelDescription;
import dev.pillion.model.quant.Quantizer;
import dev.pillion.model.tokenizer.Tokenizers;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * A model of random weights in memory, for measuring speed at a shape without its file.
 *
 * <p>Each matrix is filled with rows drawn from a small pool of random rows, encoded once: encoding a billion numbers would
 * take longer than the measurement, and the memory traffic is the same. Weights are scaled so that activations keep their
 * size from layer to layer. Token ids work as usual; its text is meaningless.
 */
public final class SyntheticModel {
    private static final int POOL_ROWS = 61;
    private static final Path NAME = Path.of("random-weights");

    private final ModelDescription description;
    private final TensorType type;
    private final SplittableRandom random;
    private final Arena arena = Arena.ofShared();
    private final Map<String, Tensor> tensors = new LinkedHashMap<>();
    private final Map<Integer, MemorySegment> pools = new LinkedHashMap<>();
    private final boolean equalLayers;

    private SyntheticModel(ModelDescription description, TensorType type, boolean equalLayers, long seed) {
        this.description = description;
        this.type = type;
        this.equalLayers = equalLayers;
        this.random = new SplittableRandom(seed);
    }

    /**
     * Makes a model with an output matrix of its own.
     *
     * @param description its shape; every row must be a whole number of the type's blocks
     * @param type storage type of the matrices; norms are F32
     * @param seed of the weights
     * @throws IllegalArgumentException if the type cannot be encoded or a row does not fit its blocks
     */
    public static Model create(ModelDescription description, TensorType type, long seed) {
        return new SyntheticModel(description, type, false, seed).model();
    }

    /**
     * Makes a model whose layers all have the same weights, in memory that is there once. A device, which has weights in
     * memory of its own, ends with as many bytes as ever, so nothing it computes is faster; a CPU would read one layer
     * from its caches.
     *
     * @param description its shape; every row must be a whole number of the type's blocks
     * @param type storage type of the matrices; norms are F32
     * @param seed of the weights
     * @throws IllegalArgumentException if the type cannot be encoded or a row does not fit its blocks
     */
    public static Model withEqualLayers(ModelDescription description, TensorType type, long seed) {
        return new SyntheticModel(description, type, true, seed).model();
    }

    private Model model() {
        int hidden = description.hiddenSize();
        matrix("token_embd", description.vocabularySize(), hidden);
        for (int layer = 0; layer < description.layers(); layer++) {
            if (layer > 0 && equalLayers) {
                sameAsFirst("blk." + layer + ".");
            } else {
                layer("blk." + layer + ".", hidden);
            }
        }
        vector("output_norm", hidden);
        matrix("output", description.vocabularySize(), hidden);
        return Model.of(new InMemory(), description, Tokenizers.fromGguf(vocabulary()));
    }

    private void layer(String prefix, int hidden) {
        vector(prefix + "attn_norm", hidden);
        matrix(prefix + "attn_q", description.queryWidth(), hidden);
        matrix(prefix + "attn_k", description.kvWidth(), hidden);
        matrix(prefix + "attn_v", description.kvWidth(), hidden);
        if (description.qkNorm()) {
            vector(prefix + "attn_q_norm", description.headDim());
            vector(prefix + "attn_k_norm", description.headDim());
        }
        matrix(prefix + "attn_output", hidden, description.queryWidth());
        vector(prefix + "ffn_norm", hidden);
        matrix(prefix + "ffn_gate", description.feedForwardSize(), hidden);
        matrix(prefix + "ffn_up", description.feedForwardSize(), hidden);
        matrix(prefix + "ffn_down", hidden, description.feedForwardSize());
    }

    private void sameAsFirst(String prefix) {
        for (Tensor tensor : List.copyOf(tensors.values())) {
            if (tensor.name().startsWith("blk.0.")) {
                String name = prefix + tensor.name().substring("blk.0.".length());
                tensors.put(name, new Tensor(name, tensor.type(), tensor.shape(), tensor.data()));
            }
        }
    }

    private void matrix(String name, int rows, int columns) {
        MemorySegment pool = pools.computeIfAbsent(columns, this::pool);
        long rowBytes = type.bytesFor(columns);
        MemorySegment data = arena.allocate(rows * rowBytes, 64);
        for (int row = 0; row < rows; row++) {
            MemorySegment.copy(pool, random.nextInt(POOL_ROWS) * rowBytes, data, row * rowBytes, rowBytes);
        }
        put(name, type, List.of((long) rows, (long) columns), data);
    }

    private MemorySegment pool(int columns) {
        MemorySegment pool = arena.allocate(type.bytesFor((long) POOL_ROWS * columns), 64);
        float[] values = new float[POOL_ROWS * columns];
        float spread = (float) Math.sqrt(3.0 / columns);
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (random.nextDouble() * 2 - 1) * spread;
        }
        Quantizer.of(type).encode(values, 0, pool, 0, values.length);
        return pool;
    }

    private void vector(String name, int length) {
        float[] ones = new float[length];
        Arrays.fill(ones, 1);
        MemorySegment data = arena.allocate(TensorType.F32.bytesFor(length), 64);
        Quantizer.of(TensorType.F32).encode(ones, 0, data, 0, length);
        put(name, TensorType.F32, List.of((long) length), data);
    }

    private void put(String name, TensorType stored, List<Long> shape, MemorySegment data) {
        tensors.put(name + ".weight", new Tensor(name + ".weight", stored, shape, data.asReadOnly()));
    }

    private Metadata vocabulary() {
        List<Object> tokens = new ArrayList<>(description.vocabularySize());
        for (int id = 0; id < description.vocabularySize(); id++) {
            tokens.add("t" + id);
        }
        return new Metadata(
                NAME,
                Map.of(
                        "tokenizer.ggml.model", "gpt2",
                        "tokenizer.ggml.pre", "gpt-2",
                        "tokenizer.ggml.tokens", tokens,
                        "tokenizer.ggml.merges", List.of()));
    }

    private final class InMemory implements ModelFile {
        @Override
        public Path path() {
            return NAME;
        }

        @Override
        public String format() {
            return "random weights, " + type;
        }

        @Override
        public Map<String, Tensor> tensors() {
            return tensors;
        }

        @Override
        public synchronized void close() {
            if (arena.scope().isAlive()) {
                arena.close();
            }
        }
    }
}
