package dev.pillion.cpu;

import org.jspecify.annotations.Nullable;

/**
 * {@code out = x / sqrt(mean(x^2) + epsilon) * gain} for every group of {@code length} elements of a row, after
 * {@code x += delta} where there is one.
 */
final class NormOperation extends RowOperation {
    private final Kernels kernels;
    private CpuTensor x;
    private @Nullable CpuTensor delta;
    private CpuTensor out;
    private float[] gain;
    private int length;
    private float epsilon;

    NormOperation(Kernels kernels) {
        this.kernels = kernels;
    }

    NormOperation with(
            CpuTensor x, @Nullable CpuTensor delta, float[] gain, int length, float epsilon, CpuTensor out) {
        this.x = x;
        this.delta = delta;
        this.gain = gain;
        this.length = length;
        this.epsilon = epsilon;
        this.out = out;
        return this;
    }

    @Override
    void row(int row, int slot) {
        int start = x.rowStart(row);
        int outStart = out.rowStart(row);
        if (delta != null) {
            kernels.add(x.data, start, delta.data, delta.rowStart(row), x.columns());
        }
        for (int group = 0; group < x.columns(); group += length) {
            float mean = kernels.sumOfSquares(x.data, start + group, length) / length;
            float factor = (float) (1 / Math.sqrt(mean + epsilon));
            kernels.scale(x.data, start + group, factor, gain, out.data, outStart + group, length);
        }
    }
}
