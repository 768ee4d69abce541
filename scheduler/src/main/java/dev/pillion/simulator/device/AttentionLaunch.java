package dev.pillion.simulator.device;

/** How the attention of a step that has both chunks and decodes is started. */
public enum AttentionLaunch {
    /** Chunks by one kernel, decodes by another made for them, one after the other. */
    SEPARATE,
    /** All by one kernel made for chunks, as engines do that call an attention library with the whole ragged batch. */
    MERGED
}
