package dev.pillion.kernels.virtual;

import static java.lang.Double.doubleToRawLongBits;
import static java.lang.Double.longBitsToDouble;

import dev.pillion.kernels.ptx.PtxInstruction;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;

/** Double-precision arithmetic, rounded to nearest only (PTX ISA, "Floating Point Instructions"). */
final class DoubleArithmetic {
    private DoubleArithmetic() {}

    static Instruction decode(Operands o) {
        PtxInstruction i = o.instruction();
        if (Rounding.of(i) != Rounding.NEAREST || i.has("sat")) {
            throw o.unknown();
        }
        return switch (i.opcode()) {
            case "add" -> binary(o, Double::sum);
            case "sub" -> binary(o, (a, b) -> a - b);
            case "mul" -> binary(o, (a, b) -> a * b);
            case "div" -> binary(o, (a, b) -> a / b);
            case "min" -> binary(o, (a, b) -> a != a ? b : b != b ? a : Math.min(a, b));
            case "max" -> binary(o, (a, b) -> a != a ? b : b != b ? a : Math.max(a, b));
            case "fma", "mad" -> LaneInstructions.of(Lanes.eachLong((a, b, c) -> doubleToRawLongBits(
                    Math.fma(longBitsToDouble(a), longBitsToDouble(b), longBitsToDouble(c)))),
                    o.longTarget(0), o.longWord(1), o.longWord(2), o.longWord(3));
            case "neg" -> LaneInstructions.of(Lanes.eachLong(a -> a ^ Long.MIN_VALUE), o.longTarget(0), o.longWord(1));
            case "abs" -> LaneInstructions.of(Lanes.eachLong(a -> a & Long.MAX_VALUE), o.longTarget(0), o.longWord(1));
            case "copysign" -> LaneInstructions.of(Lanes.eachLong((a, b) -> b & Long.MAX_VALUE | a & Long.MIN_VALUE),
                    o.longTarget(0), o.longWord(1), o.longWord(2));
            case "rcp" -> unary(o, a -> 1 / a);
            case "sqrt" -> unary(o, Math::sqrt);
            case "rsqrt" -> unary(o, a -> 1 / Math.sqrt(a));
            default -> throw o.unknown();
        };
    }

    private static Instruction binary(Operands o, DoubleBinaryOperator f) {
        return LaneInstructions.of(Lanes.eachLong((a, b) -> doubleToRawLongBits(
                f.applyAsDouble(longBitsToDouble(a), longBitsToDouble(b)))), o.longTarget(0), o.longWord(1),
                o.longWord(2));
    }

    private static Instruction unary(Operands o, DoubleUnaryOperator f) {
        return LaneInstructions.of(Lanes.eachLong(a -> doubleToRawLongBits(f.applyAsDouble(longBitsToDouble(a)))),
                o.longTarget(0), o.longWord(1));
    }
}
