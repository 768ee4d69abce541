package dev.pillion.cpu;

import static dev.pillion.cpu.VectorWidth.LANES;
import static dev.pillion.cpu.VectorWidth.load;
import static dev.pillion.cpu.VectorWidth.zero;

import jdk.incubator.vector.FloatVector;

/**
 * Dot products of widened rows with tokens. Each has one vector as accumulator, fused multiply-adds along the row, and
 * one sum over the lanes at the end; the methods differ only in how many they compute at once. Sixteen at once keep the
 * multipliers busy and read every loaded vector four times. Accumulators go to {@link VectorSum} through memory.
 */
final class VectorDot {
    private VectorDot() {}

    /** All products of a band of rows with some tokens; rows and tokens lie {@code stride} apart. */
    static void multiply(
            LinearScratch scratch, int rows, int stride, float[] x, int xOffset, int tokens, float[] out, int outOffset,
            int outStride) {
        float[] band = scratch.band;
        float[] lanes = scratch.lanes;
        int t = 0;
        for (; t + 4 <= tokens; t += 4) {
            int xStart = xOffset + t * stride;
            int outStart = outOffset + t * outStride;
            int r = 0;
            for (; r + 4 <= rows; r += 4) {
                fourByFour(band, r * stride, x, xStart, stride, lanes);
                for (int i = 0; i < 4; i++) {
                    VectorSum.of(lanes, 4 * i, 4, out, outStart + i * outStride + r);
                }
            }
            for (; r < rows; r++) {
                for (int i = 0; i < 4; i++) {
                    one(band, r * stride, x, xStart + i * stride, stride, lanes);
                    VectorSum.of(lanes, 0, 1, out, outStart + i * outStride + r);
                }
            }
        }
        for (; t < tokens; t++) {
            multiplyOne(scratch, rows, stride, x, xOffset + t * stride, out, outOffset + t * outStride);
        }
    }

    /** Products of a band of rows with one token. */
    static void multiplyOne(
            LinearScratch scratch, int rows, int stride, float[] x, int xOffset, float[] out, int outOffset) {
        float[] band = scratch.band;
        float[] lanes = scratch.lanes;
        int r = 0;
        for (; r + 4 <= rows; r += 4) {
            fourByOne(band, r * stride, x, xOffset, stride, lanes);
            VectorSum.of(lanes, 0, 4, out, outOffset + r);
        }
        for (; r < rows; r++) {
            one(band, r * stride, x, xOffset, stride, lanes);
            VectorSum.of(lanes, 0, 1, out, outOffset + r);
        }
    }

    private static void one(float[] w, int w0, float[] x, int x0, int length, float[] lanes) {
        FloatVector s = zero();
        for (int k = 0; k < length; k += LANES) {
            s = load(w, w0 + k).fma(load(x, x0 + k), s);
        }
        s.intoArray(lanes, 0);
    }

    private static void fourByOne(float[] w, int w0, float[] x, int x0, int length, float[] lanes) {
        int w1 = w0 + length;
        int w2 = w1 + length;
        int w3 = w2 + length;
        FloatVector s0 = zero();
        FloatVector s1 = zero();
        FloatVector s2 = zero();
        FloatVector s3 = zero();
        for (int k = 0; k < length; k += LANES) {
            FloatVector v = load(x, x0 + k);
            s0 = load(w, w0 + k).fma(v, s0);
            s1 = load(w, w1 + k).fma(v, s1);
            s2 = load(w, w2 + k).fma(v, s2);
            s3 = load(w, w3 + k).fma(v, s3);
        }
        s0.intoArray(lanes, 0);
        s1.intoArray(lanes, LANES);
        s2.intoArray(lanes, 2 * LANES);
        s3.intoArray(lanes, 3 * LANES);
    }

    private static void fourByFour(float[] w, int w0, float[] x, int x0, int length, float[] lanes) {
        int w1 = w0 + length;
        int w2 = w1 + length;
        int w3 = w2 + length;
        int x1 = x0 + length;
        int x2 = x1 + length;
        int x3 = x2 + length;
        FloatVector s00 = zero();
        FloatVector s01 = zero();
        FloatVector s02 = zero();
        FloatVector s03 = zero();
        FloatVector s10 = zero();
        FloatVector s11 = zero();
        FloatVector s12 = zero();
        FloatVector s13 = zero();
        FloatVector s20 = zero();
        FloatVector s21 = zero();
        FloatVector s22 = zero();
        FloatVector s23 = zero();
        FloatVector s30 = zero();
        FloatVector s31 = zero();
        FloatVector s32 = zero();
        FloatVector s33 = zero();
        for (int k = 0; k < length; k += LANES) {
            FloatVector a = load(w, w0 + k);
            FloatVector b = load(w, w1 + k);
            FloatVector c = load(w, w2 + k);
            FloatVector d = load(w, w3 + k);
            FloatVector v = load(x, x0 + k);
            s00 = a.fma(v, s00);
            s01 = b.fma(v, s01);
            s02 = c.fma(v, s02);
            s03 = d.fma(v, s03);
            v = load(x, x1 + k);
            s10 = a.fma(v, s10);
            s11 = b.fma(v, s11);
            s12 = c.fma(v, s12);
            s13 = d.fma(v, s13);
            v = load(x, x2 + k);
            s20 = a.fma(v, s20);
            s21 = b.fma(v, s21);
            s22 = c.fma(v, s22);
            s23 = d.fma(v, s23);
            v = load(x, x3 + k);
            s30 = a.fma(v, s30);
            s31 = b.fma(v, s31);
            s32 = c.fma(v, s32);
            s33 = d.fma(v, s33);
        }
        s00.intoArray(lanes, 0);
        s01.intoArray(lanes, LANES);
        s02.intoArray(lanes, 2 * LANES);
        s03.intoArray(lanes, 3 * LANES);
        s10.intoArray(lanes, 4 * LANES);
        s11.intoArray(lanes, 5 * LANES);
        s12.intoArray(lanes, 6 * LANES);
        s13.intoArray(lanes, 7 * LANES);
        s20.intoArray(lanes, 8 * LANES);
        s21.intoArray(lanes, 9 * LANES);
        s22.intoArray(lanes, 10 * LANES);
        s23.intoArray(lanes, 11 * LANES);
        s30.intoArray(lanes, 12 * LANES);
        s31.intoArray(lanes, 13 * LANES);
        s32.intoArray(lanes, 14 * LANES);
        s33.intoArray(lanes, 15 * LANES);
    }
}
