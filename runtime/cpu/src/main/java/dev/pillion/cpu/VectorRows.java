package dev.pillion.cpu;

import static dev.pillion.cpu.VectorWidth.FLOATS;
import static dev.pillion.cpu.VectorWidth.LANES;
import static dev.pillion.cpu.VectorWidth.load;
import static dev.pillion.cpu.VectorWidth.zero;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/** Operations on one row. */
final class VectorRows {
    private VectorRows() {}

    /** Whole vectors into one accumulator, the rest one by one after them. */
    static float sumOfSquares(float[] x, int xOffset, int length) {
        int whole = FLOATS.loopBound(length);
        FloatVector s = zero();
        for (int i = 0; i < whole; i += LANES) {
            FloatVector v = load(x, xOffset + i);
            s = v.fma(v, s);
        }
        float sum = VectorSum.of(s);
        for (int i = whole; i < length; i++) {
            sum += x[xOffset + i] * x[xOffset + i];
        }
        return sum;
    }

    static void scale(float[] x, int xOffset, float factor, float[] gain, float[] out, int outOffset, int length) {
        int whole = FLOATS.loopBound(length);
        for (int i = 0; i < whole; i += LANES) {
            load(x, xOffset + i).mul(factor).mul(load(gain, i)).intoArray(out, outOffset + i);
        }
        for (int i = whole; i < length; i++) {
            out[outOffset + i] = x[xOffset + i] * factor * gain[i];
        }
    }

    static void add(float[] x, int xOffset, float[] y, int yOffset, int length) {
        int whole = FLOATS.loopBound(length);
        for (int i = 0; i < whole; i += LANES) {
            load(x, xOffset + i).add(load(y, yOffset + i)).intoArray(x, xOffset + i);
        }
        for (int i = whole; i < length; i++) {
            x[xOffset + i] += y[yOffset + i];
        }
    }

    /** Block by block: the exponentials need a place of their own while gate and up are still needed. */
    static void siluTimes(
            float[] gate, int gateOffset, float[] up, int upOffset, float[] out, int outOffset, int length,
            float[] block) {
        for (int done = 0; done < length; done += block.length) {
            int count = Math.min(block.length, length - done);
            VectorExp.exp(gate, gateOffset + done, -1, 0, block, 0, count);
            for (int i = 0; i < count; i += LANES) {
                FloatVector g = load(gate, gateOffset + done + i);
                FloatVector u = load(up, upOffset + done + i);
                FloatVector denominator = load(block, i).add(1);
                g.div(denominator).mul(u).intoArray(out, outOffset + done + i);
            }
        }
    }

    static void blend(
            float[] into, int intoOffset, float intoFactor, float[] from, int fromOffset, float fromFactor,
            int length) {
        for (int i = 0; i < length; i += LANES) {
            load(into, intoOffset + i)
                    .mul(intoFactor)
                    .add(load(from, fromOffset + i).mul(fromFactor))
                    .intoArray(into, intoOffset + i);
        }
    }

    /**
     * Copies two runs in four streams at once. A stream that enters a page waits for the page's address and for the
     * first lines before the hardware fetches ahead; with four, the waits overlap.
     */
    static void copy(
            MemorySegment from, long a, long b, float[] aOut, float[] bOut, int outOffset, int count) {
        int half = count / 2 / LANES * LANES;
        long aHalf = a + 4L * half;
        long bHalf = b + 4L * half;
        int outHalf = outOffset + half;
        for (int i = 0; i < half; i += LANES) {
            load(from, a + 4L * i).intoArray(aOut, outOffset + i);
            load(from, aHalf + 4L * i).intoArray(aOut, outHalf + i);
            load(from, b + 4L * i).intoArray(bOut, outOffset + i);
            load(from, bHalf + 4L * i).intoArray(bOut, outHalf + i);
        }
        for (int i = 2 * half; i < count; i += LANES) {
            load(from, a + 4L * i).intoArray(aOut, outOffset + i);
            load(from, b + 4L * i).intoArray(bOut, outOffset + i);
        }
    }
}
