package dev.pillion.simulator.device;

/** The arithmetic a matrix multiplication of stored weights runs in. */
public enum Arithmetic {
    /** BF16 or F16 products, summed in F32; narrower weights are widened first. */
    BF16,
    /** FP8 products where the device has them, BF16 where it has not. */
    FP8
}
