package dev.pillion.model.quant;

import java.lang.foreign.MemorySegment;

/** Turns stored elements of one {@link dev.pillion.model.TensorType} into floats. Stateless. */
@FunctionalInterface
public interface BlockDecoder {
    /**
     * Decodes consecutive elements.
     *
     * @param data stored bytes
     * @param byteOffset offset of the first block in {@code data}; any alignment
     * @param out receives the values
     * @param outOffset index of the first value in {@code out}
     * @param elements number of elements, a multiple of the type's block length
     * @throws IndexOutOfBoundsException if either range does not fit
     */
    void decode(MemorySegment data, long byteOffset, float[] out, int outOffset, int elements);
}
