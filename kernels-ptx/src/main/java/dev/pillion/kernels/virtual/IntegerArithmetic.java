package dev.pillion.kernels.virtual;

import dev.pillion.kernels.ptx.PtxInstruction;
import dev.pillion.kernels.ptx.PtxType;
import java.util.function.IntBinaryOperator;
import java.util.function.LongBinaryOperator;

/** Integer arithmetic (PTX ISA, "Integer Arithmetic Instructions"). */
final class IntegerArithmetic {
    private IntegerArithmetic() {}

    static Instruction decode(Operands o) {
        PtxInstruction i = o.instruction();
        PtxType type = i.type(0);
        if (i.has("cc") || i.opcode().equals("addc") || i.opcode().equals("subc") || i.opcode().equals("madc")) {
            return CarryArithmetic.decode(o);
        }
        return switch (i.opcode()) {
            case "add", "sub", "min", "max", "div", "rem" -> binary(o, type);
            case "mul" -> multiply(o, type);
            case "mad" -> multiplyAdd(o, type);
            case "mul24", "mad24" -> multiply24(o, type);
            case "neg", "abs" -> unary(o, type);
            case "sad" -> sumOfDifferences(o, type);
            default -> throw o.unknown();
        };
    }

    private static Instruction binary(Operands o, PtxType type) {
        PtxInstruction i = o.instruction();
        boolean signed = type.signed();
        if (type.bytes() == 8) {
            Lanes.LongBinary f = switch (i.opcode()) {
                case "add" -> Longs::add;
                case "sub" -> Longs::subtract;
                case "min" -> Lanes.eachLong(signed ? Math::min : IntegerArithmetic::minUnsigned);
                case "max" -> Lanes.eachLong(signed ? Math::max : IntegerArithmetic::maxUnsigned);
                case "div" -> Lanes.eachLong(guarded(signed ? (a, b) -> a / b : Long::divideUnsigned, -1));
                default -> Lanes.eachLong(remainder(signed ? (a, b) -> a % b : Long::remainderUnsigned));
            };
            return LaneInstructions.of(f, o.longTarget(0), o.longWord(1), o.longWord(2));
        }
        return LaneInstructions.of(wordBinary(o, type), o.wordTarget(0), o.word(1, type), o.word(2, type));
    }

    private static Lanes.WordBinary wordBinary(Operands o, PtxType type) {
        PtxInstruction i = o.instruction();
        boolean signed = type.signed();
        if (type.bytes() == 4) {
            switch (i.opcode()) {
                case "add" -> {
                    return i.has("sat") ? Lanes.each((a, b) -> saturate((long) a + b)) : Words::add;
                }
                case "sub" -> {
                    return i.has("sat") ? Lanes.each((a, b) -> saturate((long) a - b)) : Words::subtract;
                }
                case "min" -> {
                    return signed ? Words::minimum : Lanes.each(scalar(i.opcode(), false));
                }
                case "max" -> {
                    return signed ? Words::maximum : Lanes.each(scalar(i.opcode(), false));
                }
                default -> {
                    return Lanes.each(scalar(i.opcode(), signed));
                }
            }
        }
        IntBinaryOperator f = scalar(i.opcode(), signed);
        return signed
                ? Lanes.each((a, b) -> f.applyAsInt((short) a, (short) b) & 0xffff)
                : Lanes.each((a, b) -> f.applyAsInt(a, b) & 0xffff);
    }

    private static IntBinaryOperator scalar(String opcode, boolean signed) {
        return switch (opcode) {
            case "add" -> Integer::sum;
            case "sub" -> (a, b) -> a - b;
            case "min" -> signed ? Math::min : (a, b) -> Integer.compareUnsigned(a, b) < 0 ? a : b;
            case "max" -> signed ? Math::max : (a, b) -> Integer.compareUnsigned(a, b) > 0 ? a : b;
            // Division by zero is not trapped; hardware gives all ones, and the dividend as the remainder.
            case "div" -> signed ? (a, b) -> b == 0 ? -1 : a / b : (a, b) -> b == 0 ? -1 : Integer.divideUnsigned(a, b);
            default -> signed ? (a, b) -> b == 0 ? a : a % b : (a, b) -> b == 0 ? a : Integer.remainderUnsigned(a, b);
        };
    }

    private static LongBinaryOperator guarded(LongBinaryOperator f, long byZero) {
        return (a, b) -> b == 0 ? byZero : f.applyAsLong(a, b);
    }

    private static LongBinaryOperator remainder(LongBinaryOperator f) {
        return (a, b) -> b == 0 ? a : f.applyAsLong(a, b);
    }

    private static long minUnsigned(long a, long b) {
        return Long.compareUnsigned(a, b) < 0 ? a : b;
    }

    private static long maxUnsigned(long a, long b) {
        return Long.compareUnsigned(a, b) > 0 ? a : b;
    }

    static int saturate(long value) {
        return Math.clamp(value, Integer.MIN_VALUE, Integer.MAX_VALUE);
    }

    private static Instruction multiply(Operands o, PtxType type) {
        PtxInstruction i = o.instruction();
        boolean signed = type.signed();
        if (i.has("wide")) {
            if (type.bytes() == 4) {
                Lanes.WideBinary f = signed ? Longs::multiplyWideSigned : Longs::multiplyWide;
                return LaneInstructions.of(f, o.longTarget(0), o.word(1, type), o.word(2, type));
            }
            Lanes.WordBinary f = signed ? Lanes.each((a, b) -> (short) a * (short) b) : Words::multiply;
            return LaneInstructions.of(f, o.wordTarget(0), o.word(1, type), o.word(2, type));
        }
        if (type.bytes() == 8) {
            Lanes.LongBinary f = !i.has("hi") ? Longs::multiply
                    : Lanes.eachLong(signed ? Math::multiplyHigh : Math::unsignedMultiplyHigh);
            return LaneInstructions.of(f, o.longTarget(0), o.longWord(1), o.longWord(2));
        }
        return LaneInstructions.of(wordProduct(i, type), o.wordTarget(0), o.word(1, type), o.word(2, type));
    }

    private static Lanes.WordBinary wordProduct(PtxInstruction i, PtxType type) {
        boolean signed = type.signed();
        if (type.bytes() == 4) {
            return !i.has("hi") ? Words::multiply : Lanes.each(signed ? IntegerArithmetic::high
                    : IntegerArithmetic::highUnsigned);
        }
        int shift = i.has("hi") ? 16 : 0;
        return signed
                ? Lanes.each((a, b) -> (short) a * (short) b >> shift & 0xffff)
                : Lanes.each((a, b) -> a * b >>> shift & 0xffff);
    }

    static int high(int a, int b) {
        return (int) ((long) a * b >> 32);
    }

    static int highUnsigned(int a, int b) {
        return (int) ((a & 0xffff_ffffL) * (b & 0xffff_ffffL) >>> 32);
    }

    private static Instruction multiplyAdd(Operands o, PtxType type) {
        PtxInstruction i = o.instruction();
        boolean signed = type.signed();
        if (i.has("wide")) {
            if (type.bytes() == 4) {
                Lanes.WideTernary f = signed ? Longs::multiplyAddWideSigned : Longs::multiplyAddWide;
                return LaneInstructions.of(f, o.longTarget(0), o.word(1, type), o.word(2, type), o.longWord(3));
            }
            Lanes.WordTernary f = signed ? Lanes.each((a, b, c) -> (short) a * (short) b + c) : Words::multiplyAdd;
            return LaneInstructions.of(f, o.wordTarget(0), o.word(1, type), o.word(2, type), o.word(3, PtxType.B32));
        }
        if (type.bytes() == 8) {
            Lanes.LongTernary f = !i.has("hi") ? Longs::multiplyAdd : Lanes.eachLong(signed
                    ? (a, b, c) -> Math.multiplyHigh(a, b) + c : (a, b, c) -> Math.unsignedMultiplyHigh(a, b) + c);
            return LaneInstructions.of(f, o.longTarget(0), o.longWord(1), o.longWord(2), o.longWord(3));
        }
        Lanes.WordTernary f;
        if (type.bytes() == 2) {
            int shift = i.has("hi") ? 16 : 0;
            f = signed ? Lanes.each((a, b, c) -> ((short) a * (short) b >> shift) + c & 0xffff)
                    : Lanes.each((a, b, c) -> (a * b >>> shift) + c & 0xffff);
        } else if (i.has("hi")) {
            f = signed && i.has("sat") ? Lanes.each((a, b, c) -> saturate((long) high(a, b) + c))
                    : signed ? Lanes.each((a, b, c) -> high(a, b) + c)
                    : Lanes.each((a, b, c) -> highUnsigned(a, b) + c);
        } else {
            f = Words::multiplyAdd;
        }
        return LaneInstructions.of(f, o.wordTarget(0), o.word(1, type), o.word(2, type), o.word(3, type));
    }

    /** Products of 24-bit integers; {@code hi} takes bits 47 to 16. */
    private static Instruction multiply24(Operands o, PtxType type) {
        PtxInstruction i = o.instruction();
        boolean signed = type.signed();
        int shift = i.has("hi") ? 16 : 0;
        IntBinaryOperator product = (a, b) -> {
            long x = signed ? a << 8 >> 8 : a & 0xff_ffff;
            long y = signed ? b << 8 >> 8 : b & 0xff_ffff;
            return (int) (x * y >>> shift);
        };
        if (i.opcode().equals("mul24")) {
            return LaneInstructions.of(Lanes.each(product), o.wordTarget(0), o.word(1, type), o.word(2, type));
        }
        return LaneInstructions.of(Lanes.each((a, b, c) -> product.applyAsInt(a, b) + c), o.wordTarget(0),
                o.word(1, type), o.word(2, type), o.word(3, type));
    }

    private static Instruction unary(Operands o, PtxType type) {
        boolean negate = o.instruction().opcode().equals("neg");
        if (type.bytes() == 8) {
            return LaneInstructions.of(Lanes.eachLong(negate ? a -> -a : Math::abs), o.longTarget(0), o.longWord(1));
        }
        Lanes.WordUnary f = type.bytes() == 2
                ? Lanes.each(negate ? a -> -a & 0xffff : a -> Math.abs((short) a) & 0xffff)
                : negate ? Words::negate : Lanes.each((java.util.function.IntUnaryOperator) Math::abs);
        return LaneInstructions.of(f, o.wordTarget(0), o.word(1, type));
    }

    private static Instruction sumOfDifferences(Operands o, PtxType type) {
        if (type.bytes() == 8) {
            return LaneInstructions.of(Lanes.eachLong(type.signed()
                    ? (a, b, c) -> c + (a < b ? b - a : a - b)
                    : (a, b, c) -> c + (Long.compareUnsigned(a, b) < 0 ? b - a : a - b)),
                    o.longTarget(0), o.longWord(1), o.longWord(2), o.longWord(3));
        }
        Lanes.IntTernaryOperator f = type.signed()
                ? (a, b, c) -> c + (a < b ? b - a : a - b)
                : (a, b, c) -> c + (Integer.compareUnsigned(a, b) < 0 ? b - a : a - b);
        Lanes.IntTernaryOperator g = type.bytes() == 4 ? f
                : type.signed() ? (a, b, c) -> f.apply((short) a, (short) b, c) & 0xffff
                : (a, b, c) -> f.apply(a, b, c) & 0xffff;
        return LaneInstructions.of(Lanes.each(g), o.wordTarget(0), o.word(1, type), o.word(2, type), o.word(3, type));
    }
}
