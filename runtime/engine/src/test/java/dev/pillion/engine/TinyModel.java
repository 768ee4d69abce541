package dev.pillion.engine;

import dev.pillion.model.Metadata;
import dev.pillion.model.Model;
import dev.pillion.model.ModelFile;
import dev.pillion.model.Tensor;
import dev.pillion.model.TensorType;
import dev.pillion.model.architecture.ModelDescription;
import dev.pillion.model.architecture.RopeDescription;
import dev.pillion.model.architecture.RopeScaling;
import dev.pillion.model.tokenizer.Tokenizer;
import dev.pillion.model.tokenizer.Tokenizers;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/** A model of one layer and {@value FakeFunction#VOCABULARY} tokens, whose weights nobody reads. */
final class TinyModel implements ModelFile {
    static final int END_TOKEN = 2;
    static final int CONTEXT = 256;

    private static final int WIDTH = 2;
    private static final Path NAME = Path.of("tiny-model");
    private static final ModelDescription DESCRIPTION = new ModelDescription(
            "llama", "tiny", 1, WIDTH, 1, 1, WIDTH, WIDTH, FakeFunction.VOCABULARY, CONTEXT, 1e-5f,
            new RopeDescription(true, WIDTH, 10_000, new RopeScaling.None()), false,
            List.of(ModelDescription.NO_WINDOW));
    private static final Tokenizer TOKENIZER = Tokenizers.fromGguf(vocabulary());
    private static final Map<String, Tensor> TENSORS = tensorsOf();

    final AtomicInteger closes = new AtomicInteger();

    /** A model, to be closed by the engine that gets it. */
    Model open() {
        return Model.of(this, DESCRIPTION, TOKENIZER);
    }

    /** Bytes of a KV block. */
    static long kvBytes(int blocks, int blockTokens) {
        return blocks * ForwardPass.kvLayout(DESCRIPTION, blockTokens, TensorType.F32).bytesPerBlock();
    }

    /** Text of a token. */
    static String piece(int token) {
        return token == END_TOKEN ? "" : "t" + token;
    }

    @Override
    public Path path() {
        return NAME;
    }

    @Override
    public String format() {
        return "tiny";
    }

    @Override
    public Map<String, Tensor> tensors() {
        return TENSORS;
    }

    @Override
    public void close() {
        closes.incrementAndGet();
    }

    private static Metadata vocabulary() {
        List<Object> tokens = new ArrayList<>();
        long[] kinds = new long[FakeFunction.VOCABULARY];
        for (int id = 0; id < kinds.length; id++) {
            tokens.add(id == END_TOKEN ? "<end>" : "t" + id);
            kinds[id] = id == END_TOKEN ? 3 : 1; // CONTROL, NORMAL
        }
        return new Metadata(NAME, Map.of(
                "tokenizer.ggml.model", "gpt2",
                "tokenizer.ggml.pre", "gpt-2",
                "tokenizer.ggml.tokens", tokens,
                "tokenizer.ggml.token_type", kinds,
                "tokenizer.ggml.merges", List.of(),
                "tokenizer.ggml.eos_token_id", (long) END_TOKEN));
    }

    private static Map<String, Tensor> tensorsOf() {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        put(tensors, "token_embd", FakeFunction.VOCABULARY, WIDTH);
        put(tensors, "output", FakeFunction.VOCABULARY, WIDTH);
        put(tensors, "output_norm", WIDTH);
        for (String norm : List.of("attn_norm", "ffn_norm")) {
            put(tensors, "blk.0." + norm, WIDTH);
        }
        for (String matrix : List.of("attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down")) {
            put(tensors, "blk.0." + matrix, WIDTH, WIDTH);
        }
        return tensors;
    }

    private static void put(Map<String, Tensor> tensors, String name, long... shape) {
        List<Long> dimensions = new ArrayList<>();
        long elements = 1;
        for (long dimension : shape) {
            dimensions.add(dimension);
            elements *= dimension;
        }
        MemorySegment data = MemorySegment.ofArray(new byte[(int) TensorType.F32.bytesFor(elements)]);
        tensors.put(name + ".weight", new Tensor(name + ".weight", TensorType.F32, dimensions, data));
    }
}
