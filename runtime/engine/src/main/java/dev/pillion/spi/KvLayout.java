package dev.pillion.spi;

import dev.pillion.model.TensorType;

/**
 * Shape of one block of the KV cache. A block holds {@code blockTokens} consecutive tokens of one sequence for all
 * layers in one contiguous span, so that it can be copied, offloaded or sent away in one piece:
 * {@code [layer][key|value][kvHead][token][headDim]}. A backend may order the elements of one key/value head's plane,
 * the last two dimensions, as its kernels like; such a block is for backends of the same kind.
 *
 * @param layers attention layers
 * @param kvHeads key/value heads of a layer
 * @param headDim elements of a head
 * @param blockTokens tokens of a block
 * @param type element type, F32 or F16
 */
public record KvLayout(int layers, int kvHeads, int headDim, int blockTokens, TensorType type) {
    /** Elements of one token, keys and values of all layers. */
    public long elementsPerToken() {
        return 2L * layers * kvHeads * headDim;
    }

    /** Bytes of one token, keys and values of all layers. */
    public long bytesPerToken() {
        return type.bytesFor(elementsPerToken());
    }

    /** Bytes of one block. */
    public long bytesPerBlock() {
        return bytesPerToken() * blockTokens;
    }
}
