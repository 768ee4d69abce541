package dev.pillion.cpu;

/** {@code x += y}. */
final class AddOperation extends RowOperation {
    private final Kernels kernels;
    private CpuTensor x;
    private CpuTensor y;

    AddOperation(Kernels kernels) {
        this.kernels = kernels;
    }

    AddOperation with(CpuTensor x, CpuTensor y) {
        this.x = x;
        this.y = y;
        return this;
    }

    @Override
    void row(int row, int slot) {
        kernels.add(x.data, x.rowStart(row), y.data, y.rowStart(row), x.columns());
    }
}
