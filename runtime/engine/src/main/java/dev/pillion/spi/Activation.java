package dev.pillion.spi;

/** Nonlinearity of a feed-forward network's gate. */
public enum Activation {
    /** {@code x / (1 + exp(-x))}. */
    SILU
}
