package dev.pillion.cpu;

/** {@code out = silu(gate) * up}. */
final class GateOperation extends RowOperation {
    private final Kernels kernels;
    private CpuTensor gate;
    private CpuTensor up;
    private CpuTensor out;

    GateOperation(Kernels kernels) {
        this.kernels = kernels;
    }

    GateOperation with(CpuTensor gate, CpuTensor up, CpuTensor out) {
        this.gate = gate;
        this.up = up;
        this.out = out;
        return this;
    }

    @Override
    void row(int row, int slot) {
        kernels.siluTimes(
                gate.data, gate.rowStart(row), up.data, up.rowStart(row), out.data, out.rowStart(row), gate.columns());
    }
}
