package dev.pillion.kernels.virtual;

import dev.pillion.kernels.ptx.PtxInstruction;
import dev.pillion.kernels.ptx.PtxType;
import java.util.function.IntBinaryOperator;
import java.util.function.IntUnaryOperator;

/**
 * Arithmetic on halves and bfloat16, one or two in a register (PTX ISA, "Half Precision Floating Point Instructions").
 */
final class HalfArithmetic {
    private HalfArithmetic() {}

    static boolean takes(PtxType type) {
        return switch (type) {
            case F16, F16X2, BF16, BF16X2 -> true;
            default -> false;
        };
    }

    static HalfFormat format(PtxType type) {
        return type == PtxType.F16 || type == PtxType.F16X2 ? HalfFormat.HALF : HalfFormat.BRAIN;
    }

    static Instruction decode(Operands o) {
        PtxInstruction i = o.instruction();
        PtxType type = i.type(0);
        HalfFormat format = format(type);
        return switch (i.opcode()) {
            case "add" -> binary(o, type, (a, b) -> format.of(format.value(a) + format.value(b)));
            case "sub" -> binary(o, type, (a, b) -> format.of(format.value(a) - format.value(b)));
            case "mul" -> binary(o, type, (a, b) -> format.of(format.value(a) * format.value(b)));
            case "fma" -> ternary(o, type);
            case "min" -> binary(o, type, extreme(format, i.has("NaN"), true));
            case "max" -> binary(o, type, extreme(format, i.has("NaN"), false));
            case "neg" -> unary(o, type, a -> a ^ 0x8000);
            case "abs" -> unary(o, type, a -> a & 0x7fff);
            case "ex2" -> unary(o, type, a -> format.of(Math.pow(2, format.value(a)), Rounding.NEAREST));
            case "tanh" -> unary(o, type, a -> format.of(Math.tanh(format.value(a)), Rounding.NEAREST));
            default -> throw o.unknown();
        };
    }

    private static Instruction binary(Operands o, PtxType type, IntBinaryOperator f) {
        IntUnaryOperator in = flush(o.instruction(), format(type));
        IntUnaryOperator out = finish(o.instruction(), format(type));
        IntBinaryOperator g = (a, b) -> out.applyAsInt(f.applyAsInt(in.applyAsInt(a), in.applyAsInt(b)));
        Lanes.WordBinary lanes = type.bytes() == 2 ? Lanes.each(g) : Lanes.each((a, b) ->
                g.applyAsInt(a & 0xffff, b & 0xffff) | g.applyAsInt(a >>> 16, b >>> 16) << 16);
        return LaneInstructions.of(lanes, o.wordTarget(0), o.word(1, type), o.word(2, type));
    }

    private static Instruction unary(Operands o, PtxType type, IntUnaryOperator f) {
        IntUnaryOperator in = flush(o.instruction(), format(type));
        IntUnaryOperator g = a -> f.applyAsInt(in.applyAsInt(a));
        Lanes.WordUnary lanes = type.bytes() == 2 ? Lanes.each(g)
                : Lanes.each(a -> g.applyAsInt(a & 0xffff) | g.applyAsInt(a >>> 16) << 16);
        return LaneInstructions.of(lanes, o.wordTarget(0), o.word(1, type));
    }

    private static Instruction ternary(Operands o, PtxType type) {
        HalfFormat format = format(type);
        IntUnaryOperator in = flush(o.instruction(), format);
        IntUnaryOperator out = finish(o.instruction(), format);
        Lanes.IntTernaryOperator g = (a, b, c) -> out.applyAsInt(multiplyAdd(format, in.applyAsInt(a), in.applyAsInt(b),
                in.applyAsInt(c)));
        Lanes.WordTernary lanes = type.bytes() == 2 ? Lanes.each(g) : Lanes.each((a, b, c) ->
                g.apply(a & 0xffff, b & 0xffff, c & 0xffff) | g.apply(a >>> 16, b >>> 16, c >>> 16) << 16);
        return LaneInstructions.of(lanes, o.wordTarget(0), o.word(1, type), o.word(2, type), o.word(3, type));
    }

    private static int multiplyAdd(HalfFormat format, int a, int b, int c) {
        return format.of(Rounded.productSum(format.value(a), format.value(b), format.value(c)), Rounding.NEAREST);
    }

    private static IntBinaryOperator extreme(HalfFormat format, boolean keepNan, boolean least) {
        return (a, b) -> {
            float x = format.value(a);
            float y = format.value(b);
            if (x != x || y != y) {
                return keepNan || x != x && y != y ? 0x7fff : x != x ? b : a;
            }
            return format.of(least ? Math.min(x, y) : Math.max(x, y));
        };
    }

    private static IntUnaryOperator flush(PtxInstruction i, HalfFormat format) {
        return i.has("ftz") ? format::flush : a -> a;
    }

    /** What happens to a result: flush, clamp to [0, 1], or to at least 0 ({@code relu} keeps NaN). */
    private static IntUnaryOperator finish(PtxInstruction i, HalfFormat format) {
        boolean flush = i.has("ftz");
        boolean saturate = i.has("sat");
        boolean relu = i.has("relu");
        return a -> {
            int result = flush ? format.flush(a) : a;
            float value = format.value(result);
            if (saturate) {
                return value > 1 ? format.one() : value > 0 ? result : 0;
            }
            return relu && value <= 0 ? 0 : result;
        };
    }
}
