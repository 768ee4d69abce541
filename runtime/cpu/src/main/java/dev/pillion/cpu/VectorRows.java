package dev.pillion.cpu;

import static dev.pillion.cpu.VectorWidth.FLOATS;
import static dev.pillion.cpu.VectorWidth.LANES;
import static dev.pillion.cpu.VectorWidth.load;
import static dev.pillion.cpu.VectorWidth.zero;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

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

    static void siluTimes(float[] gate, int gateOffset, float[] up, int upOffset, float[] out, int outOffset, int length) {
        int whole = FLOATS.loopBound(length);
        for (int i = 0; i < whole; i += LANES) {
            FloatVector g = load(gate, gateOffset + i);
            silu(g).mul(load(up, upOffset + i)).intoArray(out, outOffset + i);
        }
        if (whole < length) {
            VectorMask<Float> rest = FLOATS.indexInRange(whole, length);
            FloatVector g = FloatVector.fromArray(FLOATS, gate, gateOffset + whole, rest);
            FloatVector u = FloatVector.fromArray(FLOATS, up, upOffset + whole, rest);
            silu(g).mul(u).intoArray(out, outOffset + whole, rest);
        }
    }

    private static FloatVector silu(FloatVector x) {
        return x.div(VectorExp.exp(x.neg()).add(1));
    }

    static void blend(
            float[] into, int intoOffset, float intoFactor, float[] from, int fromOffset, float fromFactor, int length) {
        for (int i = 0; i < length; i += LANES) {
            load(into, intoOffset + i)
                    .mul(intoFactor)
                    .add(load(from, fromOffset + i).mul(fromFactor))
                    .intoArray(into, intoOffset + i);
        }
    }
}
