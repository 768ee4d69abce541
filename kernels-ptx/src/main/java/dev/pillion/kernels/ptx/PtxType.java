package dev.pillion.kernels.ptx;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Types of registers, variables and instruction operands (PTX ISA, "Types"). */
public enum PtxType {
    /** One bit per thread. */
    PRED(0, Kind.PREDICATE),
    /** Untyped, 8 bits. */
    B8(1, Kind.BITS),
    /** Untyped, 16 bits. */
    B16(2, Kind.BITS),
    /** Untyped, 32 bits. */
    B32(4, Kind.BITS),
    /** Untyped, 64 bits. */
    B64(8, Kind.BITS),
    /** Untyped, 128 bits. */
    B128(16, Kind.BITS),
    /** Unsigned, 8 bits. */
    U8(1, Kind.UNSIGNED),
    /** Unsigned, 16 bits. */
    U16(2, Kind.UNSIGNED),
    /** Unsigned, 32 bits. */
    U32(4, Kind.UNSIGNED),
    /** Unsigned, 64 bits. */
    U64(8, Kind.UNSIGNED),
    /** Signed, 8 bits. */
    S8(1, Kind.SIGNED),
    /** Signed, 16 bits. */
    S16(2, Kind.SIGNED),
    /** Signed, 32 bits. */
    S32(4, Kind.SIGNED),
    /** Signed, 64 bits. */
    S64(8, Kind.SIGNED),
    /** IEEE half. */
    F16(2, Kind.FLOAT),
    /** Two IEEE halves. */
    F16X2(4, Kind.FLOAT),
    /** bfloat16. */
    BF16(2, Kind.FLOAT),
    /** Two bfloat16. */
    BF16X2(4, Kind.FLOAT),
    /** TensorFloat-32: a float of which 10 bits of the fraction count. */
    TF32(4, Kind.FLOAT),
    /** IEEE single. */
    F32(4, Kind.FLOAT),
    /** IEEE double. */
    F64(8, Kind.FLOAT);

    /** What the bits of a type mean. */
    public enum Kind {
        /** True or false. */
        PREDICATE,
        /** Nothing in particular. */
        BITS,
        /** Unsigned integer. */
        UNSIGNED,
        /** Two's complement integer. */
        SIGNED,
        /** Floating point. */
        FLOAT
    }

    private static final Map<String, PtxType> BY_NAME = new HashMap<>();

    static {
        for (PtxType type : values()) {
            BY_NAME.put(type.name().toLowerCase(java.util.Locale.ROOT), type);
        }
    }

    private final int bytes;
    private final Kind kind;

    PtxType(int bytes, Kind kind) {
        this.bytes = bytes;
        this.kind = kind;
    }

    /** The type that a suffix such as {@code f32} names, if it names one. */
    public static Optional<PtxType> named(String suffix) {
        return Optional.ofNullable(BY_NAME.get(suffix));
    }

    /** Size in bytes; 0 for predicates. */
    public int bytes() {
        return bytes;
    }

    /** What the bits mean. */
    public Kind kind() {
        return kind;
    }

    /** Whether it is two's complement. */
    public boolean signed() {
        return kind == Kind.SIGNED;
    }

    /** Whether it is floating point. */
    public boolean floating() {
        return kind == Kind.FLOAT;
    }
}
