package dev.pillion.scheduler;

/** Why a sequence ended. */
public enum FinishReason {
    /** It produced a token or text that ends it. */
    STOP,
    /** It produced as many tokens as it may. */
    LENGTH,
    /** Its caller no longer wants it. */
    ABORTED,
    /** Something went wrong with it alone. */
    FAILED
}
