package dev.pillion.benchmarks.gpu;

import dev.pillion.benchmarks.Shapes;
import dev.pillion.model.TensorType;
import dev.pillion.model.architecture.ModelDescription;

/** Shapes of the models that GPUs are measured with; weights are random. */
public final class GpuShapes {
    private static final int VOCABULARY = 128_256;
    private static final int CONTEXT = 131_072;
    private static final int ROPE_BASE = 500_000;

    private GpuShapes() {}

    /** Llama 3.1 8B: 32 layers of width 4096, 8.03 billion parameters. */
    public static ModelDescription llama8b() {
        return Shapes.llama("Llama-3.1-8B", ROPE_BASE, 4096, 32, 32, 8, 128, 14336, VOCABULARY, CONTEXT);
    }

    /**
     * Llama 3.2 1B: 16 layers of width 2048, 1.24 billion parameters. Its output matrix is one of its own here, of the
     * same size as the embedding.
     */
    public static ModelDescription llama1b() {
        return Shapes.llama("Llama-3.2-1B", ROPE_BASE, 2048, 16, 32, 8, 64, 8192, VOCABULARY, CONTEXT);
    }

    /** Two layers that the virtual GPU can compute in a moment, with rows as long as a block of Q4_K. */
    public static ModelDescription tiny() {
        return Shapes.llama("tiny", ROPE_BASE, 256, 2, 4, 1, 64, 256, 512, 512);
    }

    /** Bytes of weights that a step reads which samples at least one token. */
    public static long weightBytesPerStep(ModelDescription d, TensorType type) {
        return type.bytesFor(Shapes.layerParameters(d)) + type.bytesFor(Shapes.outputParameters(d));
    }

    /**
     * Floating-point operations of a prompt computed from its first token, whose last one is sampled after: two for each
     * parameter and token, and four for each pair of a token and one it attends to, per element of the query.
     */
    public static double prefillFlops(ModelDescription d, int tokens) {
        double pairs = 0.5 * tokens * (tokens + 1.0);
        return 2.0 * Shapes.layerParameters(d) * tokens
                + 2.0 * Shapes.outputParameters(d)
                + 4.0 * d.queryWidth() * d.layers() * pairs;
    }
}
