package dev.pillion.simulator.device;

import java.util.Arrays;
import java.util.Locale;

/** How the matrices of a model are stored, all of them alike, and what they are multiplied in. */
public enum Quantisation {
    /** 16 bits, as most models are published. */
    BF16(16, Arithmetic.BF16),
    /** 16 bits. */
    F16(16, Arithmetic.BF16),
    /** 8 bits, scales too few to count; multiplied in FP8 where the device can. */
    FP8(8, Arithmetic.FP8),
    /** GGUF Q8_0: 32 weights of 8 bits and a 16-bit scale. */
    Q8_0(8.5, Arithmetic.BF16),
    /** GGUF Q4_0: 32 weights of 4 bits and a 16-bit scale. */
    Q4_0(4.5, Arithmetic.BF16),
    /** GGUF Q4_K: 256 weights in 144 bytes. */
    Q4_K(4.5, Arithmetic.BF16);

    private final double bitsPerWeight;
    private final Arithmetic arithmetic;

    Quantisation(double bitsPerWeight, Arithmetic arithmetic) {
        this.bitsPerWeight = bitsPerWeight;
        this.arithmetic = arithmetic;
    }

    /** Stored bits per weight, scales included. */
    public double bitsPerWeight() {
        return bitsPerWeight;
    }

    /** What the weights are multiplied in. */
    public Arithmetic arithmetic() {
        return arithmetic;
    }

    /**
     * The quantisation of a name in any case.
     *
     * @throws IllegalArgumentException if there is none; it names those there are
     */
    public static Quantisation named(String name) {
        return Arrays.stream(values())
                .filter(quantisation -> quantisation.name().equalsIgnoreCase(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no quantisation \"" + name + "\"; known are "
                        + String.join(", ", Arrays.stream(values()).map(Quantisation::toString).toList())));
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
