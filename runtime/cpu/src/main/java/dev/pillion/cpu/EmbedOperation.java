package dev.pillion.cpu;

/** {@code out[row] = table[tokens[row]]}, decoded. */
final class EmbedOperation extends RowOperation {
    private final Kernels kernels;
    private CpuWeight table;
    private int[] tokens;
    private CpuTensor out;

    EmbedOperation(Kernels kernels) {
        this.kernels = kernels;
    }

    EmbedOperation with(CpuWeight table, int[] tokens, CpuTensor out) {
        this.table = table;
        this.tokens = tokens;
        this.out = out;
        return this;
    }

    @Override
    void row(int row, int slot) {
        kernels.widen(table, tokens[row], out.data, out.rowStart(row));
    }
}
