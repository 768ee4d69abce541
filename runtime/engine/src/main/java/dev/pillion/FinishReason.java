package dev.pillion;

/** Why a sequence of tokens ended. */
public enum FinishReason {
    /** The model ended its answer, or a stop token or stop string came up. */
    STOP,
    /** The request's token limit or the model's context was reached. */
    LENGTH,
    /** The caller cancelled, or the engine was closed. */
    CANCELLED
}
