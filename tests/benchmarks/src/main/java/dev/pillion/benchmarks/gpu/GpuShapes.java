package dev.pillion.benchmarks.gpu;

import dev.pillion.model.TensorType;
import dev.pillion.model.architecture.ModelDescription;
import dev.pillion.model.architecture.RopeDescription;
import dev.pillion.model.architecture.RopeScaling;
import java.util.Collections;

/** Shapes of the models that GPUs are measured with; weights are random. */
public final class GpuShapes {
    private static final int VOCABULARY = 128_256;
    private static final int CONTEXT = 131_072;

    private GpuShapes() {}

    /** Llama 3.1 8B: 32 layers of width 4096, 8.03 billion parameters. */
    public static ModelDescription llama8b() {
        return llama("Llama-3.1-8B", 4096, 32, 32, 8, 128, 14336, VOCABULARY, CONTEXT);
    }

    /**
     * Llama 3.2 1B: 16 layers of width 2048, 1.24 billion parameters. Its output matrix is one of its own here, of the
     * same size as the embedding.
     */
    public static ModelDescription llama1b() {
        return llama("Llama-3.2-1B", 2048, 16, 32, 8, 64, 8192, VOCABULARY, CONTEXT);
    }

    /** Two layers that the virtual GPU can compute in a moment, with rows as long as a block of Q4_K. */
    public static ModelDescription tiny() {
        return llama("tiny", 256, 2, 4, 1, 64, 256, 512, 512);
    }

    private static ModelDescription llama(
            String name,
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
                new RopeDescription(true, headDim, 500_000, new RopeScaling.None()),
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

    /** Bytes of weights that a step reads which samples at least one token. */
    public static long weightBytesPerStep(ModelDescription d, TensorType type) {
        return type.bytesFor(layerParameters(d)) + type.bytesFor(outputParameters(d));
    }

    /**
     * Floating-point operations of a prompt computed from its first token, whose last one is sampled after: two for each
     * parameter and token, and four for each pair of a token and one it attends to, per element of the query.
     */
    public static double prefillFlops(ModelDescription d, int tokens) {
        double pairs = 0.5 * tokens * (tokens + 1.0);
        return 2.0 * layerParameters(d) * tokens
                + 2.0 * outputParameters(d)
                + 4.0 * d.queryWidth() * d.layers() * pairs;
    }
}
