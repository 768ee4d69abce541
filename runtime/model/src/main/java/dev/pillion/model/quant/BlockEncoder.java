package dev.pillion.model.quant;

import java.lang.foreign.MemorySegment;

/** Turns finite floats into stored elements of one {@link dev.pillion.model.TensorType}. Stateless. */
@FunctionalInterface
public interface BlockEncoder {
    /**
     * Encodes consecutive elements.
     *
     * @param values the numbers
     * @param offset index of the first number in {@code values}
     * @param out receives the blocks
     * @param byteOffset offset of the first block in {@code out}; any alignment
     * @param elements number of elements, a multiple of the type's block length
     * @throws IndexOutOfBoundsException if either range does not fit
     */
    void encode(float[] values, int offset, MemorySegment out, long byteOffset, int elements);
}
