package dev.pillion.cpu;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * The vectors all kernels use: as wide as the JVM prefers, or narrower if the system property {@code pillion.cpu.vectorBits}
 * says so, which lets one machine test every width.
 */
final class VectorWidth {
    /** Floats. */
    static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;

    private VectorWidth() {}

    static int bits() {
        return FLOATS.vectorBitSize();
    }
}
