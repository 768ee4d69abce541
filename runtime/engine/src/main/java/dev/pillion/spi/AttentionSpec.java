package dev.pillion.spi;

/**
 * Shape and rules of one layer's attention.
 *
 * @param layer index of the layer in the KV cache
 * @param heads query heads; query head {@code h} reads key/value head {@code h / (heads / kvHeads)}
 * @param kvHeads key/value heads
 * @param headDim elements of a head
 * @param scale factor on the scores, usually {@code 1/sqrt(headDim)}
 * @param windowTokens a query sees this many positions up to and including its own; {@link #NO_WINDOW} for all
 */
public record AttentionSpec(int layer, int heads, int kvHeads, int headDim, float scale, int windowTokens) {
    /** Window of a layer that sees the whole context. */
    public static final int NO_WINDOW = Integer.MAX_VALUE;
}
