package dev.pillion.cpu;

/** One thread's memory for linear layers. */
final class LinearScratch {
    /** Dot products computed at once by the largest kernel. */
    private static final int ACCUMULATORS = 16;

    /** Widened rows. */
    float[] band = {};

    /** Accumulator vectors on their way to a sum over lanes. */
    final float[] lanes = new float[ACCUMULATORS * CpuTensor.ROW_ALIGNMENT];

    /** Makes room for {@code floats} floats of widened rows. */
    void reserve(int floats) {
        if (band.length < floats) {
            band = new float[floats];
        }
    }
}
