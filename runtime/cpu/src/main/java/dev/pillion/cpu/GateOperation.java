package dev.pillion.cpu;

/**
 * {@code out = silu(gate) * up}, over whole padded rows: the padding is zero, and stays zero.
 */
final class GateOperation extends RowOperation {
    private static final int BLOCK = 32 * CpuTensor.ROW_ALIGNMENT;

    private final Kernels kernels;
    private final float[][] blocks;
    private CpuTensor gate;
    private CpuTensor up;
    private CpuTensor out;

    GateOperation(Kernels kernels, int slots) {
        this.kernels = kernels;
        this.blocks = new float[slots][BLOCK];
    }

    GateOperation with(CpuTensor gate, CpuTensor up, CpuTensor out) {
        this.gate = gate;
        this.up = up;
        this.out = out;
        return this;
    }

    @Override
    void row(int row, int slot) {
        int start = gate.rowStart(row);
        kernels.siluTimes(gate.data, start, up.data, start, out.data, start, gate.stride, blocks[slot]);
    }
}
