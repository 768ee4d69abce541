package dev.pillion.cpu;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * {@code out = in x w^T + bias}. Weights are read packed, where they lie. With few tokens each row is decoded while it
 * is multiplied; with more, a band of rows is decoded once into the slot's scratch, where it stays in the L2 cache
 * while all tokens pass over it. Both ways compute a product in the same order, so the choice changes no bit.
 */
final class LinearOperation implements WorkerPool.Task {
    /** Multiply-adds below which waking another thread costs more than it saves. */
    private static final long SHARED_PRODUCTS = 1 << 16;

    /** Bytes of weights that make a task worth claiming. */
    private static final int DIRECT_TASK_BYTES = 1 << 16;

    /** Floats of a band: 256 KiB, a quarter to a half of an L2 cache. */
    private static final int BAND_FLOATS = 1 << 16;

    private static final int MAX_BAND_ROWS = 32;

    private final Kernels kernels;
    private final LinearScratch[] scratch;
    private CpuTensor in;
    private CpuWeight weight;
    private float @Nullable [] bias;
    private CpuTensor out;
    private int tokens;
    private int rowsPerTask;

    LinearOperation(Kernels kernels, int slots) {
        this.kernels = kernels;
        this.scratch = new LinearScratch[slots];
        Arrays.setAll(scratch, slot -> new LinearScratch());
    }

    /** Makes room for weights of this width; called while the model is built. */
    void reserve(int columns) {
        int needed = Math.max(kernels.directScratch(columns), bandRows(columns) * CpuTensor.paddedColumns(columns));
        for (LinearScratch one : scratch) {
            one.reserve(needed);
        }
    }

    void run(WorkerPool pool, CpuTensor in, CpuWeight weight, float @Nullable [] bias, CpuTensor out, int tokens) {
        this.in = in;
        this.weight = weight;
        this.bias = bias;
        this.out = out;
        this.tokens = tokens;
        boolean alone = (long) weight.rows() * weight.columns() * tokens < SHARED_PRODUCTS;
        if (isDirect()) {
            int worthwhile = Math.max(8, (int) (DIRECT_TASK_BYTES / weight.rowBytes) & -8);
            rowsPerTask = alone ? weight.rows() : worthwhile;
        } else {
            rowsPerTask = bandRows(weight.columns());
        }
        int tasks = Math.ceilDiv(weight.rows(), rowsPerTask);
        pool.run(tasks, this);
    }

    private boolean isDirect() {
        return tokens <= kernels.mostDirectTokens(weight);
    }

    private static int bandRows(int columns) {
        return Math.clamp(BAND_FLOATS / CpuTensor.paddedColumns(columns) & -4, 4, MAX_BAND_ROWS);
    }

    @Override
    public void run(int index, int slot) {
        int first = index * rowsPerTask;
        int rows = Math.min(rowsPerTask, weight.rows() - first);
        if (isDirect()) {
            for (int t = 0; t < tokens; t++) {
                kernels.multiplyPacked(
                        weight, first, rows, in.data, in.rowStart(t), scratch[slot], out.data, out.rowStart(t) + first);
            }
        } else {
            multiplyBand(first, rows, scratch[slot]);
        }
        if (bias != null) {
            addBias(bias, first, rows);
        }
    }

    private void multiplyBand(int first, int rows, LinearScratch scratch) {
        int columns = weight.columns();
        for (int r = 0; r < rows; r++) {
            kernels.widen(weight, first + r, scratch.band, r * in.stride);
            Arrays.fill(scratch.band, r * in.stride + columns, (r + 1) * in.stride, 0);
        }
        kernels.multiplyWidened(scratch, rows, in.stride, in.data, 0, tokens, out.data, first, out.stride);
    }

    private void addBias(float[] bias, int first, int rows) {
        for (int t = 0; t < tokens; t++) {
            kernels.add(out.data, out.rowStart(t) + first, bias, first, rows);
        }
    }
}
