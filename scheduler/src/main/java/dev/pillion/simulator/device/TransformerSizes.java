package dev.pillion.simulator.device;

import dev.pillion.scheduler.ModelShape;
import java.util.stream.IntStream;

/**
 * Sizes of a dense transformer, free of how its weights are stored.
 *
 * @param name for people
 * @param layers transformer layers
 * @param hidden width of the residual stream
 * @param heads query heads
 * @param kvHeads key and value heads; divides {@code heads}
 * @param headDim width of a head
 * @param ffn width between the feed-forward matrices
 * @param vocab rows of the embedding and of the output matrix
 * @param gated whether the feed-forward has a gate matrix beside the up matrix
 * @param headNorms whether the heads of queries and keys are normed
 * @param tied whether embedding and output matrix are one
 * @param windowedLayers layers that attend to the last {@code windowTokens} tokens only
 * @param windowTokens length of that window; 0 where there are no such layers
 */
public record TransformerSizes(
        String name,
        int layers,
        int hidden,
        int heads,
        int kvHeads,
        int headDim,
        int ffn,
        int vocab,
        boolean gated,
        boolean headNorms,
        boolean tied,
        int windowedLayers,
        int windowTokens) {
    /** Activations between operations are 16 bits wide on every device here. */
    private static final int ACTIVATION_BYTES = 2;

    /** Checks that the sizes make a model. */
    public TransformerSizes {
        if (IntStream.of(layers, hidden, heads, kvHeads, headDim, ffn, vocab).min().orElseThrow() < 1) {
            throw new IllegalArgumentException(name + ": every size of a transformer is positive");
        }
        if (heads % kvHeads != 0) {
            throw new IllegalArgumentException(name + ": " + kvHeads + " KV heads do not divide " + heads + " heads");
        }
        if (windowedLayers < 0 || windowedLayers > layers || (windowedLayers == 0) != (windowTokens == 0) || windowTokens < 0) {
            throw new IllegalArgumentException(name + ": " + windowedLayers + " of " + layers + " layers cannot have windows of "
                    + windowTokens + " tokens");
        }
    }

    /** Width of one token's queries. */
    public int queries() {
        return heads * headDim;
    }

    /** Width of one token's keys, which is that of its values. */
    public int keys() {
        return kvHeads * headDim;
    }

    /** Elements of the matrices of one layer. */
    public long layerWeights() {
        return (long) hidden * (2L * queries() + 2L * keys() + (gated ? 3L : 2L) * ffn);
    }

    /** Elements of all matrices, the embedding among them; vectors, under a thousandth of a model, are left out. */
    public long parameters() {
        return layers * layerWeights() + (tied ? 1L : 2L) * vocab * hidden;
    }

    /** Bytes of all matrices as they are stored. */
    public long weightBytes(Quantisation quantisation) {
        return (long) Math.ceil(parameters() * quantisation.bitsPerWeight() / 8);
    }

    /** Bytes of one token's keys and values in one layer. */
    public long kvBytesPerLayer(KvType kv) {
        return 2L * keys() * kv.bytes();
    }

    /** The shape the cost model knows, with its weights stored in one way. */
    public ModelShape shape(Quantisation quantisation, KvType kv) {
        return new ModelShape(
                layers, hidden, heads, kvHeads, headDim, ffn, vocab, gated, headNorms,
                stored((long) layers * hidden * (queries() + 2L * keys()), quantisation),
                stored((long) layers * hidden * queries(), quantisation),
                stored((gated ? 2L : 1L) * layers * hidden * ffn, quantisation),
                stored((long) layers * hidden * ffn, quantisation),
                stored((long) vocab * hidden, quantisation),
                stored(hidden, quantisation),
                layers * kvBytesPerLayer(kv),
                windowedLayers, windowTokens, ACTIVATION_BYTES);
    }

    private static long stored(long weights, Quantisation quantisation) {
        return (long) Math.ceil(weights * quantisation.bitsPerWeight() / 8);
    }

    /**
     * What one of some tensor-parallel ranks has of each layer: heads, feed-forward and vocabulary divided. With more ranks
     * than KV heads each rank has one KV head, which then several of them hold.
     *
     * @throws IllegalArgumentException if the ranks do not divide the heads or the feed-forward
     */
    public TransformerSizes rank(int ranks) {
        boolean kvFits = kvHeads % ranks == 0 || ranks % kvHeads == 0;
        if (ranks < 1 || heads % ranks != 0 || ffn % ranks != 0 || !kvFits) {
            throw new IllegalArgumentException(name + " with " + heads + " heads, " + kvHeads + " KV heads and a feed-forward of "
                    + ffn + " cannot be cut into " + ranks + " tensor-parallel ranks; give a number that divides them");
        }
        return new TransformerSizes(
                name, layers, hidden, heads / ranks, Math.max(1, kvHeads / ranks), headDim, ffn / ranks,
                Math.ceilDiv(vocab, ranks), gated, headNorms, tied, windowedLayers, windowTokens);
    }
}
