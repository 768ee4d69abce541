package dev.pillion.cpu;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * The vectors all kernels use, and the steps they share. As wide as the JVM prefers, or narrower if the system property
 * {@code pillion.cpu.vectorBits} says so, which lets one machine test every width.
 *
 * <p>Species are static constants and the steps small static methods: the compiler turns Vector API code into
 * instructions only where it can inline it and knows the species.
 */
final class VectorWidth {
    static final VectorSpecies<Float> FLOATS = chosenSpecies();
    static final VectorSpecies<Integer> INTS = VectorSpecies.of(int.class, FLOATS.vectorShape());
    /** Floats in a vector. */
    static final int LANES = FLOATS.length();

    private static final ByteOrder LITTLE = ByteOrder.LITTLE_ENDIAN;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(LITTLE);
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(LITTLE);

    /** As many bytes as there are lanes; of no use with 4 lanes, since there are no vectors of 4 bytes. */
    private static final VectorSpecies<Byte> BYTES = LANES == 16 ? ByteVector.SPECIES_128 : ByteVector.SPECIES_64;

    private static final VectorSpecies<Short> SHORTS =
            VectorSpecies.of(short.class, VectorShape.forBitSize(Math.max(64, LANES * Short.SIZE)));

    /** Moves byte {@code lane} of a 32-bit integer to the top. */
    private static final IntVector BYTE_TO_TOP = IntVector.zero(INTS).addIndex(-8).add(24);

    private VectorWidth() {}

    private static VectorSpecies<Float> chosenSpecies() {
        int preferred = FloatVector.SPECIES_PREFERRED.vectorBitSize();
        int bits = Math.min(preferred, Integer.getInteger("pillion.cpu.vectorBits", preferred));
        return VectorSpecies.of(float.class, VectorShape.forBitSize(bits));
    }

    static int bits() {
        return FLOATS.vectorBitSize();
    }

    static FloatVector zero() {
        return FloatVector.zero(FLOATS);
    }

    static FloatVector load(float[] from, int offset) {
        return FloatVector.fromArray(FLOATS, from, offset);
    }

    static FloatVector load(MemorySegment from, long offset) {
        return FloatVector.fromMemorySegment(FLOATS, from, offset, LITTLE);
    }

    /** As many bytes as there are lanes, sign-extended. */
    static IntVector bytes(MemorySegment from, long offset) {
        if (LANES == 4) {
            return IntVector.broadcast(INTS, from.get(INT, offset))
                    .lanewise(VectorOperators.LSHL, BYTE_TO_TOP)
                    .lanewise(VectorOperators.ASHR, 24);
        }
        ByteVector bytes = ByteVector.fromMemorySegment(BYTES, from, offset, LITTLE);
        return (IntVector) bytes.convertShape(VectorOperators.B2I, INTS, 0);
    }

    /** As many 16-bit integers as there are lanes, sign-extended. */
    static IntVector shorts(MemorySegment from, long offset) {
        ShortVector shorts = ShortVector.fromMemorySegment(SHORTS, from, offset, LITTLE);
        return (IntVector) shorts.convertShape(VectorOperators.S2I, INTS, 0);
    }

    static FloatVector toFloats(IntVector integers) {
        return (FloatVector) integers.convertShape(VectorOperators.I2F, FLOATS, 0);
    }

    /** One half, as a float. */
    static float half(MemorySegment from, long offset) {
        return Float.float16ToFloat(from.get(SHORT, offset));
    }

    static int integer(MemorySegment from, long offset) {
        return from.get(INT, offset);
    }

    /**
     * Halves to floats, exactly. Exponent and mantissa of the half, put at the float's place, are the float divided by
     * 2^112, also for subnormal halves; infinities and NaN come out at 2^16 and above, where no finite half is, and get
     * their exponent back.
     */
    static FloatVector halves(MemorySegment from, long offset) {
        IntVector bits = shorts(from, offset);
        FloatVector magnitude = bits.lanewise(VectorOperators.LSHL, 13)
                .lanewise(VectorOperators.AND, 0x0FFF_E000)
                .reinterpretAsFloats()
                .mul(0x1p112f);
        IntVector exact = magnitude.reinterpretAsInts();
        exact = exact.lanewise(VectorOperators.OR, 0x7F80_0000,
                magnitude.compare(VectorOperators.GE, 65536f).cast(INTS));
        return exact.lanewise(VectorOperators.OR, bits.lanewise(VectorOperators.AND, 0x8000_0000))
                .reinterpretAsFloats();
    }

    /** Brain floats to floats. */
    static FloatVector brainFloats(MemorySegment from, long offset) {
        return shorts(from, offset).lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
    }
}
