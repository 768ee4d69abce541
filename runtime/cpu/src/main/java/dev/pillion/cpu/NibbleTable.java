package dev.pillion.cpu;

import static dev.pillion.cpu.VectorWidth.FLOATS;
import static dev.pillion.cpu.VectorWidth.LANES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Four-bit numbers to floats. A vector of 16 lanes holds the value of every nibble, computed as the specification
 * computes it, and one permutation looks 16 of them up: fewer instructions than mask, convert, multiply and subtract.
 * Narrower vectors compute each value.
 *
 * <p>The nibble is in the low four bits of each lane; what is above them does not matter.
 */
final class NibbleTable {
    /** Whether a table fits a vector. */
    static final boolean FITS = LANES == 16;

    private static final FloatVector NIBBLES = FloatVector.zero(FLOATS).addIndex(1);

    private NibbleTable() {}

    /** Table of {@code scale * nibble - minimum}. */
    static IntVector of(float scale, float minimum) {
        return NIBBLES.mul(scale).sub(minimum).reinterpretAsInts();
    }

    /** Table of {@code scale * (nibble - centre)}. */
    static IntVector centred(float scale, float centre) {
        return NIBBLES.sub(centre).mul(scale).reinterpretAsInts();
    }

    /** Looks up in a table, which must {@link #FITS fit}. The lookup uses the index modulo 16. */
    static FloatVector look(IntVector table, IntVector nibbles) {
        return nibbles.selectFrom(table).reinterpretAsFloats();
    }

    /** The nibbles as floats. */
    static FloatVector toFloats(IntVector nibbles) {
        return VectorWidth.toFloats(nibbles.lanewise(VectorOperators.AND, 0xF));
    }
}
