package dev.pillion.scheduler;

/** The operations of a step, in the order a layer runs them. */
public enum Operation {
    /** Looks up a row of the embedding for each token. */
    EMBED,
    /** Root-mean-square norms: two in each layer, one before the logits. */
    NORM,
    /** Query, key and value matrices. */
    QKV,
    /** Rotary embedding of queries and keys; writes keys and values to their blocks. */
    ROPE_KV_WRITE,
    /** Attention over the blocks. */
    ATTENTION,
    /** The matrix behind the attention. */
    ATTENTION_OUT,
    /** Up and gate matrices of the feed-forward. */
    GATE_UP,
    /** The gated activation. */
    ACTIVATION,
    /** Down matrix of the feed-forward. */
    DOWN,
    /** The output matrix, for the rows that want logits. */
    LOGITS
}
