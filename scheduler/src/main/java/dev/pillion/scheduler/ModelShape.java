package dev.pillion.scheduler;

import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * What the cost model needs to know of a transformer: its sizes, and the bytes of its weights as they are stored.
 *
 * <p>Sizes stand for matrices only: FLOPs follow from them, and neither the addition of a bias nor a norm has any. Weight
 * bytes are sums over all layers, since a quantised model may store the same matrix differently in different layers, and
 * take in what a step reads: made from a model's tensors they hold the vectors too, a bias with its matrix and a norm's
 * gain with the matrices that read what it wrote, so that they equal a backend's counters to the last byte; made by
 * {@link #uniform} they hold the matrices alone, and are short by the vectors: under a thousandth in models of a billion weights.
 *
 * @param layers transformer layers
 * @param hidden width of the residual stream
 * @param heads query heads
 * @param kvHeads key and value heads
 * @param headDim width of a head
 * @param ffn width between the feed-forward matrices
 * @param vocab rows of the output matrix
 * @param gated whether the feed-forward has a gate matrix beside the up matrix
 * @param headNorms whether the heads of queries and keys are normed
 * @param qkvWeightBytes query, key and value matrices of all layers; with their biases, the gains of the norm before
 *     them and those of the norms of queries and keys, where the model has these
 * @param outWeightBytes matrices behind the attention, all layers; with their biases
 * @param gateUpWeightBytes up matrices and, where gated, gate matrices, all layers; with their biases and the gains of
 *     the norm before them
 * @param downWeightBytes down matrices, all layers; with their biases
 * @param logitsWeightBytes the output matrix; the embedding's bytes where the two are one; with its bias and the gains of
 *     the last norm
 * @param embeddingRowBytes one token's row of the embedding matrix
 * @param kvBytesPerToken keys and values of one token, all layers
 * @param windowedLayers layers that attend to the last {@code windowTokens} tokens only
 * @param windowTokens length of that window, the token itself included; 0 where there are no such layers
 * @param activationBytes bytes of one activation between operations: 4 for f32, 2 for f16 and bf16
 */
public record ModelShape(
        int layers,
        int hidden,
        int heads,
        int kvHeads,
        int headDim,
        int ffn,
        int vocab,
        boolean gated,
        boolean headNorms,
        long qkvWeightBytes,
        long outWeightBytes,
        long gateUpWeightBytes,
        long downWeightBytes,
        long logitsWeightBytes,
        long embeddingRowBytes,
        long kvBytesPerToken,
        int windowedLayers,
        int windowTokens,
        int activationBytes) {

    /** Checks that sizes are positive and the windows make sense. */
    public ModelShape {
        int smallest = IntStream.of(layers, hidden, heads, kvHeads, headDim, ffn, vocab, activationBytes)
                .min().orElseThrow();
        long fewest = LongStream.of(
                qkvWeightBytes, outWeightBytes, gateUpWeightBytes, downWeightBytes, logitsWeightBytes,
                embeddingRowBytes, kvBytesPerToken).min().orElseThrow();
        boolean windowsFit = windowedLayers >= 0
                && windowedLayers <= layers
                && (windowedLayers == 0) == (windowTokens == 0)
                && windowTokens >= 0;
        if (smallest < 1 || fewest < 1 || !windowsFit || kvBytesPerToken % layers != 0) {
            throw new IllegalArgumentException("a model shape needs positive sizes, " + layers + " layers with "
                    + windowedLayers + " windows of " + windowTokens + " tokens, and " + kvBytesPerToken
                    + " KV bytes per token that divide into the layers");
        }
    }

    /**
     * A gated model without windows whose matrices all take the same bits per weight; vectors are left out.
     *
     * @param bitsPerWeight stored bits per matrix element, scales included: 16 for f16, 8.5 for Q8_0, 4.5 for Q4_0
     * @param kvElementBytes bytes of one number in the KV cache
     * @param activationBytes bytes of one activation
     */
    public static ModelShape uniform(
            int layers, int hidden, int heads, int kvHeads, int headDim, int ffn, int vocab,
            double bitsPerWeight, int kvElementBytes, int activationBytes) {
        long queries = (long) heads * headDim;
        long keys = (long) kvHeads * headDim;
        return new ModelShape(
                layers, hidden, heads, kvHeads, headDim, ffn, vocab, true, false,
                bytes((double) layers * hidden * (queries + 2 * keys), bitsPerWeight),
                bytes((double) layers * hidden * queries, bitsPerWeight),
                bytes(2.0 * layers * hidden * ffn, bitsPerWeight),
                bytes((double) layers * hidden * ffn, bitsPerWeight),
                bytes((double) vocab * hidden, bitsPerWeight),
                bytes(hidden, bitsPerWeight),
                2L * layers * keys * kvElementBytes,
                0, 0, activationBytes);
    }

    private static long bytes(double weights, double bitsPerWeight) {
        return (long) Math.ceil(weights * bitsPerWeight / 8);
    }

    /** Weight bytes a step reads when it wants logits; the embedding, read by rows, is not among them. */
    public long weightBytesPerStep() {
        return qkvWeightBytes + outWeightBytes + gateUpWeightBytes + downWeightBytes + logitsWeightBytes;
    }

    /** Elements of all layers' matrices, the output matrix left out: the multiply-adds of one token. */
    public long linearWeights() {
        long queries = (long) heads * headDim;
        long attention = (long) hidden * (queries + 2L * kvHeads * headDim) + queries * hidden;
        return layers * (attention + (gated ? 3L : 2L) * hidden * ffn);
    }

    /** Most KV blocks that fit beside the weights, for the memory plan. */
    public long kvBlocksWithin(long bytes, int blockTokens) {
        return Math.max(0, bytes) / (kvBytesPerToken * blockTokens);
    }
}
