package dev.pillion.cpu;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * The kernels on the Vector API. This class only leads to the right one; see {@link VectorWidth} for what they share.
 */
final class VectorKernels implements Kernels {
    /** Rows widened together where a type has no kernel for packed rows: a tile of {@link VectorDot#multiplyOne}. */
    private static final int WIDENED_ROWS = 4;

    @Override
    public String description() {
        return "Vector API " + VectorWidth.bits() + "-bit";
    }

    @Override
    public int keyLanes() {
        return VectorWidth.LANES;
    }

    /** Where direct products run at the speed of the multipliers, widening pays from four tokens on, a full tile. */
    @Override
    public int mostDirectTokens(CpuWeight weight) {
        return packedRows(weight) > 1 ? 3 : 1;
    }

    @Override
    public int directScratch(int columns) {
        return WIDENED_ROWS * CpuTensor.paddedColumns(columns);
    }

    @Override
    public void widen(CpuWeight weight, int row, float[] out, int outOffset) {
        if (weight.columns() % VectorWidth.LANES != 0) {
            weight.decodeRow(row, out, outOffset);
            return;
        }
        MemorySegment w = weight.data;
        long start = row * weight.rowBytes;
        switch (weight.type()) {
            case F16 -> PackedF16.widen(w, start, out, outOffset, weight.columns());
            case BF16 -> PackedBf16.widen(w, start, out, outOffset, weight.columns());
            case Q8_0 -> PackedQ80.widen(w, start, out, outOffset, weight.columns());
            case Q4_0 -> PackedQ40.widen(w, start, out, outOffset, weight.columns());
            case Q4_K -> PackedQ4K.widen(w, start, out, outOffset, weight.columns());
            case Q5_K -> PackedQ5K.widen(w, start, out, outOffset, weight.columns());
            case Q6_K -> PackedQ6K.widen(w, start, out, outOffset, weight.columns());
            default -> weight.decodeRow(row, out, outOffset);
        }
    }

    @Override
    public void multiplyPacked(
            CpuWeight weight, int firstRow, int rows, float[] x, int xOffset, LinearScratch scratch, float[] out,
            int outOffset) {
        int r = 0;
        int step = packedRows(weight);
        for (; step > 0 && r + step <= rows; r += step) {
            multiplyRows(weight, firstRow + r, x, xOffset, scratch.lanes);
            VectorSum.of(scratch.lanes, 0, step, out, outOffset + r);
        }
        int stride = CpuTensor.paddedColumns(weight.columns());
        for (; r < rows; r += WIDENED_ROWS) {
            int count = Math.min(WIDENED_ROWS, rows - r);
            for (int i = 0; i < count; i++) {
                widen(weight, firstRow + r + i, scratch.band, i * stride);
                Arrays.fill(scratch.band, i * stride + weight.columns(), (i + 1) * stride, 0);
            }
            VectorDot.multiplyOne(scratch, count, stride, x, xOffset, out, outOffset + r);
        }
    }

    /** Packed rows of this weight that are multiplied at once; zero if they have to be widened first. */
    private static int packedRows(CpuWeight weight) {
        if (weight.columns() % VectorWidth.LANES != 0) {
            return 0;
        }
        return switch (weight.type()) {
            case F32 -> PackedF32.ROWS;
            case F16 -> PackedF16.ROWS;
            case BF16 -> PackedBf16.ROWS;
            case Q8_0 -> PackedQ80.ROWS;
            case Q4_0 -> PackedQ40.ROWS;
            case Q4_K -> PackedQ4K.ROWS;
            case Q5_K -> PackedQ5K.ROWS;
            case Q6_K -> PackedQ6K.ROWS;
            default -> 0;
        };
    }

    private static void multiplyRows(CpuWeight weight, int row, float[] x, int xOffset, float[] lanes) {
        MemorySegment w = weight.data;
        long bytes = weight.rowBytes;
        long start = row * bytes;
        int columns = weight.columns();
        switch (weight.type()) {
            case F32 -> PackedF32.multiply(w, start, bytes, columns, x, xOffset, lanes);
            case F16 -> PackedF16.multiply(w, start, bytes, columns, x, xOffset, lanes);
            case BF16 -> PackedBf16.multiply(w, start, bytes, columns, x, xOffset, lanes);
            case Q8_0 -> PackedQ80.multiply(w, start, bytes, columns, x, xOffset, lanes);
            case Q4_0 -> PackedQ40.multiply(w, start, bytes, columns, x, xOffset, lanes);
            case Q4_K -> PackedQ4K.multiply(w, start, columns, x, xOffset, lanes);
            case Q5_K -> PackedQ5K.multiply(w, start, columns, x, xOffset, lanes);
            case Q6_K -> PackedQ6K.multiply(w, start, columns, x, xOffset, lanes);
            default -> throw new IllegalArgumentException("no packed kernel for " + weight.type());
        }
    }

    @Override
    public void multiplyWidened(
            LinearScratch scratch, int rows, int stride, float[] x, int xOffset, int tokens, float[] out, int outOffset,
            int outStride) {
        VectorDot.multiply(scratch, rows, stride, x, xOffset, tokens, out, outOffset, outStride);
    }

    @Override
    public float sumOfSquares(float[] x, int xOffset, int length) {
        return VectorRows.sumOfSquares(x, xOffset, length);
    }

    @Override
    public void scale(float[] x, int xOffset, float factor, float[] gain, float[] out, int outOffset, int length) {
        VectorRows.scale(x, xOffset, factor, gain, out, outOffset, length);
    }

    @Override
    public void add(float[] x, int xOffset, float[] y, int yOffset, int length) {
        VectorRows.add(x, xOffset, y, yOffset, length);
    }

    @Override
    public void siluTimes(
            float[] gate, int gateOffset, float[] up, int upOffset, float[] out, int outOffset, int length,
            float[] block) {
        VectorRows.siluTimes(gate, gateOffset, up, upOffset, out, outOffset, length, block);
    }

    @Override
    public void copyFloats(
            MemorySegment from, long keyBytes, long valueBytes, float[] keys, float[] values, int outOffset, int count) {
        VectorRows.copy(from, keyBytes, valueBytes, keys, values, outOffset, count);
    }

    @Override
    public void halvesToFloats(MemorySegment halves, long byteOffset, float[] out, int outOffset, int count) {
        int whole = VectorWidth.FLOATS.loopBound(count);
        PackedF16.widen(halves, byteOffset, out, outOffset, whole);
        for (int i = whole; i < count; i++) {
            out[outOffset + i] = VectorWidth.half(halves, byteOffset + 2L * i);
        }
    }

    @Override
    public void scores(
            float[] q, int[] qOffsets, int firstQuery, int queries, KvTile tile, int from, int to, float[] scores) {
        VectorAttention.scores(q, qOffsets, firstQuery, queries, tile, from, to, scores);
    }

    @Override
    public void exponentials(
            float[] scores, int queries, int[] from, int[] to, float scale, float[] largest, float[] sum) {
        VectorSoftmax.exponentials(scores, queries, from, to, scale, largest, sum);
    }

    @Override
    public void addValues(
            float[] scores, int firstQuery, int queries, KvTile tile, int from, int to, float[] out, int outStride) {
        VectorAttention.addValues(scores, firstQuery, queries, tile, from, to, out, outStride);
    }

    @Override
    public void exp(float[] x) {
        VectorExp.exp(x, 0, 1, 0, x, 0, x.length);
    }

    @Override
    public void blend(
            float[] into, int intoOffset, float intoFactor, float[] from, int fromOffset, float fromFactor,
            int length) {
        VectorRows.blend(into, intoOffset, intoFactor, from, fromOffset, fromFactor, length);
    }
}
