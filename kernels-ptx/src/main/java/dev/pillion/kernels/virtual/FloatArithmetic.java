package dev.pillion.kernels.virtual;

import static java.lang.Float.floatToRawIntBits;
import static java.lang.Float.intBitsToFloat;

import dev.pillion.kernels.ptx.PtxInstruction;
import dev.pillion.kernels.ptx.PtxType;
import java.util.function.DoubleUnaryOperator;

/**
 * Single-precision arithmetic (PTX ISA, "Floating Point Instructions"). The approximations are computed accurately: to
 * the float nearest to a double-precision result.
 */
final class FloatArithmetic {
    private FloatArithmetic() {}

    static Instruction decode(Operands o) {
        PtxInstruction i = o.instruction();
        Rounding rounding = Rounding.of(i);
        return switch (i.opcode()) {
            case "add" -> binary(o, rounding == Rounding.NEAREST ? Floats::add
                    : exact(rounding, (a, b, _) -> Rounded.sum(a, b)));
            case "sub" -> binary(o, rounding == Rounding.NEAREST ? Floats::subtract
                    : exact(rounding, (a, b, _) -> Rounded.sum(a, -b)));
            case "mul" -> binary(o, rounding == Rounding.NEAREST ? Floats::multiply
                    : exact(rounding, (a, b, _) -> a * b));
            case "div" -> binary(o, rounding == Rounding.NEAREST ? Floats::divide
                    : exact(rounding, FloatArithmetic::quotient));
            case "fma", "mad" -> ternary(o, rounding);
            case "min", "max" -> extreme(o);
            case "neg" -> unary(o, Floats::negate);
            case "abs" -> unary(o, Floats::absolute);
            case "copysign" -> LaneInstructions.of(Lanes.each((a, b) -> b & 0x7fffffff | a & 0x80000000),
                    o.wordTarget(0), o.word(1, PtxType.F32), o.word(2, PtxType.F32));
            case "rcp" -> function(o, rounding, a -> 1 / a);
            case "sqrt" -> function(o, rounding, Math::sqrt);
            case "rsqrt" -> function(o, rounding, a -> 1 / Math.sqrt(a));
            case "ex2" -> function(o, rounding, a -> Math.pow(2, a));
            case "lg2" -> function(o, rounding, FloatArithmetic::log2);
            case "sin" -> function(o, rounding, Math::sin);
            case "cos" -> function(o, rounding, Math::cos);
            case "tanh" -> function(o, rounding, Math::tanh);
            default -> throw o.unknown();
        };
    }

    /** An operation on doubles whose result is exact or rounded to odd. */
    private interface Exact {
        double apply(double a, double b, double c);
    }

    private static Lanes.WordBinary exact(Rounding rounding, Exact f) {
        return Lanes.each((a, b) -> floatToRawIntBits(
                directed(f.apply(intBitsToFloat(a), intBitsToFloat(b), 0), rounding, intBitsToFloat(a),
                intBitsToFloat(b))));
    }

    /** Sums that cancel are -0 when rounding down. */
    private static float directed(double value, Rounding rounding, float a, float b) {
        float result = Rounded.toFloat(value, rounding);
        return result == 0 && rounding == Rounding.DOWN && a == -b && a != 0 ? -0f : result;
    }

    /** The quotient, rounded to odd: the remainder tells on which side of the rounded one it lies. */
    private static double quotient(double a, double b, double unused) {
        double q = a / b;
        if (!Double.isFinite(q) || q == 0 || (Double.doubleToRawLongBits(q) & 1) != 0) {
            return q;
        }
        double remainder = Math.fma(-q, b, a);
        if (remainder == 0) {
            return q;
        }
        boolean larger = remainder > 0 == b > 0;
        return Double.longBitsToDouble(Double.doubleToRawLongBits(q) + (larger == q > 0 ? 1 : -1));
    }

    private static Instruction binary(Operands o, Lanes.WordBinary f) {
        return LaneInstructions.of(modified(o.instruction(), f), o.wordTarget(0), o.word(1, PtxType.F32),
                o.word(2, PtxType.F32));
    }

    private static Instruction unary(Operands o, Lanes.WordUnary f) {
        boolean flush = o.instruction().has("ftz");
        Lanes.WordUnary g = !flush ? f : (d, a) -> {
            Floats.flush(d, a);
            f.apply(d, d);
        };
        return LaneInstructions.of(g, o.wordTarget(0), o.word(1, PtxType.F32));
    }

    private static Instruction ternary(Operands o, Rounding rounding) {
        PtxInstruction i = o.instruction();
        Lanes.WordTernary f = rounding == Rounding.NEAREST ? Floats::multiplyAdd
                : Lanes.each((a, b, c) -> floatToRawIntBits(
                Rounded.toFloat(Rounded.productSum(intBitsToFloat(a), intBitsToFloat(b), intBitsToFloat(c)),
                rounding)));
        boolean flush = i.has("ftz");
        boolean saturate = i.has("sat");
        boolean relu = i.has("relu");
        Lanes.WordTernary g = f;
        if (flush || saturate || relu) {
            g = (d, a, b, c) -> {
                if (flush) {
                    f.apply(d, flushed(a), flushed(b), flushed(c));
                    Floats.flush(d, d);
                } else {
                    f.apply(d, a, b, c);
                }
                limit(d, saturate, relu);
            };
        }
        return LaneInstructions.of(g, o.wordTarget(0), o.word(1, PtxType.F32), o.word(2, PtxType.F32),
                o.word(3, PtxType.F32));
    }

    private static int[] flushed(int[] a) {
        int[] copy = new int[Lanes.COUNT];
        Floats.flush(copy, a);
        return copy;
    }

    private static void limit(int[] d, boolean saturate, boolean relu) {
        for (int n = 0; n < Lanes.COUNT && (saturate || relu); n++) {
            float value = intBitsToFloat(d[n]);
            d[n] = saturate ? floatToRawIntBits(Floats.saturate(value)) : value <= 0 ? 0 : d[n];
        }
    }

    private static Lanes.WordBinary modified(PtxInstruction i, Lanes.WordBinary f) {
        boolean flush = i.has("ftz");
        boolean saturate = i.has("sat");
        if (!flush && !saturate) {
            return f;
        }
        return (d, a, b) -> {
            if (flush) {
                f.apply(d, flushed(a), flushed(b));
                Floats.flush(d, d);
            } else {
                f.apply(d, a, b);
            }
            limit(d, saturate, false);
        };
    }

    private static Instruction extreme(Operands o) {
        PtxInstruction i = o.instruction();
        boolean least = i.opcode().equals("min");
        Lanes.WordBinary f = least ? Floats::minimum : Floats::maximum;
        if (i.has("xorsign") || o.count() > 3) {
            throw o.unknown();
        }
        if (i.has("NaN")) {
            Lanes.WordBinary quiet = f;
            f = (d, a, b) -> {
                int[] x = a.clone();
                int[] y = b.clone();
                quiet.apply(d, a, b);
                for (int n = 0; n < Lanes.COUNT; n++) {
                    d[n] = Float.isNaN(intBitsToFloat(x[n])) || Float.isNaN(intBitsToFloat(y[n])) ? Floats.NAN : d[n];
                }
            };
        }
        return binary(o, f);
    }

    private static Instruction function(Operands o, Rounding rounding, DoubleUnaryOperator f) {
        boolean flush = o.instruction().has("ftz");
        Lanes.WordUnary g = Lanes.each(a -> {
            float x = intBitsToFloat(flush ? Floats.flush(a) : a);
            int result = floatToRawIntBits(Rounded.toFloat(f.applyAsDouble(x), rounding));
            return flush ? Floats.flush(result) : result;
        });
        return LaneInstructions.of(g, o.wordTarget(0), o.word(1, PtxType.F32));
    }

    /** Exact at powers of two. */
    private static double log2(double a) {
        if (!(a > 0) || a == Double.POSITIVE_INFINITY) {
            return Math.log(a);
        }
        int exponent = Math.getExponent(a);
        return exponent + Math.log(Math.scalb(a, -exponent)) / Math.log(2);
    }
}
