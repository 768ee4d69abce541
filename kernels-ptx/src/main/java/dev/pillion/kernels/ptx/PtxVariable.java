package dev.pillion.kernels.ptx;

/**
 * A declared variable or parameter.
 *
 * @param space {@code global}, {@code const}, {@code shared}, {@code local} or {@code param}
 * @param name the name
 * @param type element type
 * @param alignment bytes
 * @param bytes size; 0 where the declaration leaves it open ({@code extern} shared memory)
 * @param initial initial contents, little-endian; may be shorter than {@code bytes}, the rest is zero
 * @param line line of the declaration
 */
public record PtxVariable(
        String space, String name, PtxType type, int alignment, long bytes, byte[] initial, int line) {
    /** Whether the size is given at launch. */
    public boolean open() {
        return bytes == 0;
    }
}
