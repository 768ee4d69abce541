package dev.pillion.kernels.virtual;

/**
 * What the name of a variable stands for.
 *
 * @param space {@code global}, {@code const}, {@code shared}, {@code local} or {@code param}
 * @param address device address, or offset in the space
 */
record Symbol(String space, long address) {}
