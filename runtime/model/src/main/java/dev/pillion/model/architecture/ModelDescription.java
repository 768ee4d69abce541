package dev.pillion.model.architecture;

import java.util.List;

/**
 * A decoder-only transformer as the forward pass sees it: pre-norm blocks of grouped-query attention with rotary positions
 * and a gated feed-forward network. Biases and query/key norms are used where the model file has their tensors.
 *
 * @param architecture family name as the file gives it: {@code llama}, {@code mistral}, {@code qwen2}, {@code qwen3}
 * @param name the model's own name, or the file's
 * @param layers transformer blocks
 * @param hiddenSize width of the residual stream
 * @param heads query heads
 * @param kvHeads key/value heads; divides {@code heads}
 * @param headDim elements of a head
 * @param feedForwardSize width of the gated feed-forward network
 * @param vocabularySize rows of the embedding and output matrices
 * @param contextLength longest sequence the model was made for, in tokens
 * @param normEpsilon term under the root of the RMS norms
 * @param rope rotary position embedding
 * @param qkNorm whether queries and keys are normalised head by head before they turn
 * @param windowTokens per layer, how many positions a query sees, its own included; {@link #NO_WINDOW} for all
 */
public record ModelDescription(
        String architecture,
        String name,
        int layers,
        int hiddenSize,
        int heads,
        int kvHeads,
        int headDim,
        int feedForwardSize,
        int vocabularySize,
        int contextLength,
        float normEpsilon,
        RopeDescription rope,
        boolean qkNorm,
        List<Integer> windowTokens) {

    /** Window of a layer that sees the whole context. */
    public static final int NO_WINDOW = Integer.MAX_VALUE;

    /** Copies the list. */
    public ModelDescription {
        windowTokens = List.copyOf(windowTokens);
    }

    /** Width of the queries of one token: {@code heads * headDim}. */
    public int queryWidth() {
        return heads * headDim;
    }

    /** Width of the keys (or values) of one token in one layer: {@code kvHeads * headDim}. */
    public int kvWidth() {
        return kvHeads * headDim;
    }
}
