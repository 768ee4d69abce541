package dev.pillion.simulator.device;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Sizes of models people serve, by name. Each is what the model's published config.json says, or, where a model has none, its
 * paper: GPT-3 (Brown et al. 2020, table 2.1), LLaMA (Touvron et al. 2023, table 2).
 */
public final class ModelShapes {
    private static final List<TransformerSizes> KNOWN = List.of(
            gated("llama-3.2-1b", 16, 2048, 32, 8, 64, 8192, 128256, true),
            gated("llama-3.2-3b", 28, 3072, 24, 8, 128, 8192, 128256, true),
            gated("llama-3.1-8b", 32, 4096, 32, 8, 128, 14336, 128256, false),
            gated("llama-3.1-70b", 80, 8192, 64, 8, 128, 28672, 128256, false),
            gated("llama-3.1-405b", 126, 16384, 128, 8, 128, 53248, 128256, false),
            gated("llama-2-7b", 32, 4096, 32, 32, 128, 11008, 32000, false),
            gated("llama-2-70b", 80, 8192, 64, 8, 128, 28672, 32000, false),
            gated("llama-13b", 40, 5120, 40, 40, 128, 13824, 32000, false),
            gated("llama-33b", 60, 6656, 52, 52, 128, 17920, 32000, false),
            new TransformerSizes("mistral-7b", 32, 4096, 32, 8, 128, 14336, 32000, true, false, false, 32, 4096),
            gated("yi-34b", 60, 7168, 56, 8, 128, 20480, 64000, false),
            gated("qwen2.5-7b", 28, 3584, 28, 4, 128, 18944, 152064, false),
            gated("qwen2.5-32b", 64, 5120, 40, 8, 128, 27648, 152064, false),
            gated("qwen2.5-72b", 80, 8192, 64, 8, 128, 29568, 152064, false),
            normed("qwen3-8b", 36, 4096, 32, 8, 128, 12288, 151936),
            normed("qwen3-32b", 64, 5120, 64, 8, 128, 25600, 151936),
            plain("gpt3-175b", 96, 12288, 96, 96, 128, 49152, 50257),
            plain("falcon-180b", 80, 14848, 232, 8, 64, 59392, 65024));

    private ModelShapes() {}

    private static TransformerSizes gated(
            String name, int layers, int hidden, int heads, int kvHeads, int headDim, int ffn, int vocab, boolean tied) {
        return new TransformerSizes(name, layers, hidden, heads, kvHeads, headDim, ffn, vocab, true, false, tied, 0, 0);
    }

    private static TransformerSizes normed(
            String name, int layers, int hidden, int heads, int kvHeads, int headDim, int ffn, int vocab) {
        return new TransformerSizes(name, layers, hidden, heads, kvHeads, headDim, ffn, vocab, true, true, false, 0, 0);
    }

    /** Without a gate, and with one matrix for embedding and output. */
    private static TransformerSizes plain(
            String name, int layers, int hidden, int heads, int kvHeads, int headDim, int ffn, int vocab) {
        return new TransformerSizes(name, layers, hidden, heads, kvHeads, headDim, ffn, vocab, false, false, true, 0, 0);
    }

    /** A model by name, in any case; empty where none is known. */
    public static Optional<TransformerSizes> find(String name) {
        String wanted = name.toLowerCase(Locale.ROOT);
        return KNOWN.stream().filter(model -> model.name().equals(wanted)).findFirst();
    }

    /**
     * A model by name, in any case.
     *
     * @throws IllegalArgumentException if none is known; it names those there are
     */
    public static TransformerSizes named(String name) {
        return find(name).orElseThrow(() -> new IllegalArgumentException(
                "no model shape \"" + name + "\"; known are " + String.join(", ", names()) + ", or give a config.json"));
    }

    /** Names of the models known. */
    public static List<String> names() {
        return KNOWN.stream().map(TransformerSizes::name).toList();
    }
}
