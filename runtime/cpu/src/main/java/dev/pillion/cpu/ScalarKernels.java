package dev.pillion.cpu;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The specification, in plain Java. Products and sums are rounded separately, because a fused multiply-add without
 * hardware for it takes microseconds.
 */
final class ScalarKernels implements Kernels {
    /** Partial sums of a dot product, so that additions need not wait for each other. */
    private static final int PARTS = 8;

    @Override
    public String description() {
        return "scalar";
    }

    @Override
    public int keyLanes() {
        return 1;
    }

    @Override
    public void widen(CpuWeight weight, int row, float[] out, int outOffset) {
        weight.decodeRow(row, out, outOffset);
    }

    @Override
    public int mostDirectTokens(CpuWeight weight) {
        return 1;
    }

    @Override
    public int directScratch(int columns) {
        return CpuTensor.paddedColumns(columns);
    }

    @Override
    public void multiplyPacked(
            CpuWeight weight, int firstRow, int rows, float[] x, int xOffset, LinearScratch scratch, float[] out,
            int outOffset) {
        int stride = CpuTensor.paddedColumns(weight.columns());
        for (int i = weight.columns(); i < stride; i++) {
            scratch.band[i] = 0;
        }
        for (int r = 0; r < rows; r++) {
            weight.decodeRow(firstRow + r, scratch.band, 0);
            out[outOffset + r] = dot(scratch.band, 0, x, xOffset, stride);
        }
    }

    @Override
    public void multiplyWidened(
            LinearScratch scratch, int rows, int stride, float[] x, int xOffset, int tokens, float[] out, int outOffset,
            int outStride) {
        for (int t = 0; t < tokens; t++) {
            for (int r = 0; r < rows; r++) {
                out[outOffset + t * outStride + r] = dot(scratch.band, r * stride, x, xOffset + t * stride, stride);
            }
        }
    }

    /** Element {@code i} goes to partial sum {@code i % PARTS}; the partial sums are added as a tree. */
    private static float dot(float[] a, int aOffset, float[] b, int bOffset, int length) {
        float s0 = 0;
        float s1 = 0;
        float s2 = 0;
        float s3 = 0;
        float s4 = 0;
        float s5 = 0;
        float s6 = 0;
        float s7 = 0;
        for (int i = 0; i < length; i += PARTS) {
            s0 += a[aOffset + i] * b[bOffset + i];
            s1 += a[aOffset + i + 1] * b[bOffset + i + 1];
            s2 += a[aOffset + i + 2] * b[bOffset + i + 2];
            s3 += a[aOffset + i + 3] * b[bOffset + i + 3];
            s4 += a[aOffset + i + 4] * b[bOffset + i + 4];
            s5 += a[aOffset + i + 5] * b[bOffset + i + 5];
            s6 += a[aOffset + i + 6] * b[bOffset + i + 6];
            s7 += a[aOffset + i + 7] * b[bOffset + i + 7];
        }
        return ((s0 + s4) + (s2 + s6)) + ((s1 + s5) + (s3 + s7));
    }

    @Override
    public float sumOfSquares(float[] x, int xOffset, int length) {
        double sum = 0;
        for (int i = 0; i < length; i++) {
            sum += (double) x[xOffset + i] * x[xOffset + i];
        }
        return (float) sum;
    }

    @Override
    public void scale(float[] x, int xOffset, float factor, float[] gain, float[] out, int outOffset, int length) {
        for (int i = 0; i < length; i++) {
            out[outOffset + i] = x[xOffset + i] * factor * gain[i];
        }
    }

    @Override
    public void add(float[] x, int xOffset, float[] y, int yOffset, int length) {
        for (int i = 0; i < length; i++) {
            x[xOffset + i] += y[yOffset + i];
        }
    }

    @Override
    public void siluTimes(
            float[] gate, int gateOffset, float[] up, int upOffset, float[] out, int outOffset, int length,
            float[] block) {
        for (int i = 0; i < length; i++) {
            float g = gate[gateOffset + i];
            out[outOffset + i] = g / (1 + (float) StrictMath.exp(-g)) * up[upOffset + i];
        }
    }

    @Override
    public void copyFloats(
            MemorySegment from, long keyBytes, long valueBytes, float[] keys, float[] values, int outOffset, int count) {
        MemorySegment.copy(from, ValueLayout.JAVA_FLOAT, keyBytes, keys, outOffset, count);
        MemorySegment.copy(from, ValueLayout.JAVA_FLOAT, valueBytes, values, outOffset, count);
    }

    @Override
    public void halvesToFloats(MemorySegment halves, long byteOffset, float[] out, int outOffset, int count) {
        for (int i = 0; i < count; i++) {
            out[outOffset + i] = Float.float16ToFloat(halves.get(ValueLayout.JAVA_SHORT, byteOffset + 2L * i));
        }
    }

    @Override
    public void scores(
            float[] q, int[] qOffsets, int firstQuery, int queries, KvTile tile, int from, int to, float[] scores) {
        for (int i = 0; i < queries; i++) {
            int query = qOffsets[firstQuery + i];
            for (int place = from; place < to; place++) {
                float sum = 0;
                for (int d = 0; d < tile.headDim; d++) {
                    sum += q[query + d] * tile.keys[place * tile.headDim + d];
                }
                scores[i * KvTile.TOKENS + place] = sum;
            }
        }
    }

    @Override
    public void exponentials(
            float[] scores, int queries, int[] from, int[] to, float scale, float[] largest, float[] sum) {
        for (int i = 0; i < queries; i++) {
            int start = i * KvTile.TOKENS;
            largest[i] = Float.NEGATIVE_INFINITY;
            for (int place = start + from[i]; place < start + to[i]; place++) {
                scores[place] *= scale;
                largest[i] = Math.max(largest[i], scores[place]);
            }
            float shift = largest[i] == Float.NEGATIVE_INFINITY ? 0 : largest[i];
            sum[i] = 0;
            for (int place = start + from[i]; place < start + to[i]; place++) {
                scores[place] = (float) StrictMath.exp(scores[place] - shift);
                sum[i] += scores[place];
            }
        }
    }

    @Override
    public void addValues(
            float[] scores, int firstQuery, int queries, KvTile tile, int from, int to, float[] out, int outStride) {
        for (int i = firstQuery; i < firstQuery + queries; i++) {
            for (int place = from; place < to; place++) {
                float weight = scores[i * KvTile.TOKENS + place];
                for (int d = 0; d < tile.headDim; d++) {
                    out[i * outStride + d] += weight * tile.values[place * tile.headDim + d];
                }
            }
        }
    }

    @Override
    public void exp(float[] x) {
        for (int i = 0; i < x.length; i++) {
            x[i] = (float) StrictMath.exp(x[i]);
        }
    }

    @Override
    public void blend(
            float[] into, int intoOffset, float intoFactor, float[] from, int fromOffset, float fromFactor,
            int length) {
        for (int i = 0; i < length; i++) {
            into[intoOffset + i] = into[intoOffset + i] * intoFactor + from[fromOffset + i] * fromFactor;
        }
    }
}
