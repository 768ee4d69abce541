package dev.pillion.kernels.virtual;

/** The two 16-bit floating-point formats. */
enum HalfFormat {
    /** IEEE half. */
    HALF(10),
    /** bfloat16. */
    BRAIN(7);

    private final int fraction;

    HalfFormat(int fraction) {
        this.fraction = fraction;
    }

    float value(int bits) {
        return this == HALF ? Rounded.fromHalf(bits) : Rounded.fromBrain(bits);
    }

    /** Rounds to the nearest. */
    int of(float value) {
        return this == HALF ? Rounded.halfOf(value) : Rounded.brainOf(value);
    }

    /** Rounds. */
    int of(double value, Rounding rounding) {
        return this == HALF ? Rounded.toHalf(value, rounding) : Rounded.toBrain(value, rounding);
    }

    int flush(int bits) {
        return (bits & 0x7fff) >>> fraction == 0 ? bits & 0x8000 : bits;
    }

    int one() {
        return of(1f);
    }
}
