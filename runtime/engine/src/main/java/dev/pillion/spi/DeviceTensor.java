package dev.pillion.spi;

/**
 * A matrix of activations on the device, row-major, one row per token. Allocated once for the largest step; each step uses
 * the leading rows.
 */
public interface DeviceTensor {
    /** Rows that fit: the largest number of tokens of a step. */
    int rowCapacity();

    /** Elements of a row. */
    int columns();
}
