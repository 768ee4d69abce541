package dev.pillion.benchmarks;

import dev.pillion.model.architecture.ModelDescription;
import dev.pillion.model.architecture.RopeDescription;
import dev.pillion.model.architecture.RopeScaling;
import java.util.Collections;

/** Shapes of the synthetic models that measurements run on. */
public final class Shapes {
    private Shapes() {}

    /** 31 million parameters: small enough that two cores run sixteen streams and long prompts at once. */
    public static ModelDescription small() {
        return llama(512, 8, 8, 2, 64, 1536, 8192, 4096);
    }

    /** 168 million parameters: too many for any cache, so that a decode step reads its weights from memory. */
    public static ModelDescription medium() {
        return llama(1024, 12, 16, 4, 64, 2816, 16384, 4096);
    }

    /** 76 million parameters: beyond the last cache even at four bits a weight, and small enough for many repetitions. */
    public static ModelDescription beyondCaches() {
        return llama(1024, 6, 16, 4, 64, 2816, 8192, 4096);
    }

    /** A shape by name: {@code small}, {@code medium} or {@code beyond-caches}. */
    public static ModelDescription named(String name) {
        return switch (name) {
            case "small" -> small();
            case "medium" -> medium();
            case "beyond-caches" -> beyondCaches();
            default -> throw new IllegalArgumentException(
                    "no shape \"" + name + "\"; known are small, medium, beyond-caches");
        };
    }

    /** Much feed-forward, little attention: what a context costs beside the rest is as on a larger model. */
    public static ModelDescription attentionLight() {
        return llama(1024, 4, 4, 2, 64, 8192, 8192, 32768);
    }

    /**
     * Two of the 80 layers of Llama 3.1 70B, 1.7 billion parameters, with a small vocabulary. All layers cost the same, so
     * the ratio of attention to linear layers in these two is that of the whole model; only its output matrix, 1.5 % of
     * the linear layers, is left out.
     */
    public static ModelDescription largeLayers() {
        return llama(8192, 2, 64, 8, 128, 28672, 1024, 32768);
    }

    /** One of the 126 layers of Llama 3.1 405B, 3.2 billion parameters, with a small vocabulary. */
    public static ModelDescription largestLayer() {
        return llama(16384, 1, 128, 8, 128, 53248, 1024, 32768);
    }

    /** A Llama-like description. */
    public static ModelDescription llama(
            int hidden, int layers, int heads, int kvHeads, int headDim, int feedForward, int vocabulary, int context) {
        return llama("random", 10_000, hidden, layers, heads, kvHeads, headDim, feedForward, vocabulary, context);
    }

    /** A Llama-like description with a name and a base of its rotary embedding. */
    public static ModelDescription llama(
            String name,
            int ropeBase,
            int hidden,
            int layers,
            int heads,
            int kvHeads,
            int headDim,
            int feedForward,
            int vocabulary,
            int context) {
        return new ModelDescription(
                "llama",
                name,
                layers,
                hidden,
                heads,
                kvHeads,
                headDim,
                feedForward,
                vocabulary,
                context,
                1e-5f,
                new RopeDescription(true, headDim, ropeBase, new RopeScaling.None()),
                false,
                Collections.nCopies(layers, ModelDescription.NO_WINDOW));
    }

    /** Parameters of the layers' matrices: every token multiplies with them. */
    public static long layerParameters(ModelDescription d) {
        long layer = 2L * d.queryWidth() * d.hiddenSize()
                + 2L * d.kvWidth() * d.hiddenSize()
                + 3L * d.feedForwardSize() * d.hiddenSize();
        return layer * d.layers();
    }

    /** Parameters of the output matrix: every token that is sampled after multiplies with them. */
    public static long outputParameters(ModelDescription d) {
        return (long) d.vocabularySize() * d.hiddenSize();
    }

    /** Parameters of both. */
    public static long linearParameters(ModelDescription d) {
        return layerParameters(d) + outputParameters(d);
    }
}
