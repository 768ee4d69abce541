package dev.pillion.kernels.virtual;

import dev.pillion.kernels.ptx.PtxInstruction;
import dev.pillion.kernels.ptx.PtxType;
import org.jspecify.annotations.Nullable;

/** Conversions between types (PTX ISA, "cvt"). */
final class Convert {
    private Convert() {}

    static Instruction decode(Operands o) {
        PtxInstruction i = o.instruction();
        if (i.has("pack")) {
            return pack(o);
        }
        PtxType to = i.type(0);
        PtxType from = i.type(1);
        if (o.count() == 3) {
            return packed(o, to, from);
        }
        if (to == PtxType.F16X2 || to == PtxType.BF16X2 || from == PtxType.F16X2) {
            throw o.unknown();
        }
        Lanes.WordUnary common = common(o, to, from);
        if (common != null) {
            return LaneInstructions.of(common, o.wordTarget(0), o.word(1, from));
        }
        boolean longTarget = o.isLong(o.operand(0));
        boolean longSource = o.isLong(o.operand(1)) || from.bytes() == 8;
        if (from == PtxType.U32 && longTarget && !longSource && to.bytes() == 8 && !to.floating()) {
            return LaneInstructions.of(Longs::widen, o.longTarget(0), o.word(1, from));
        }
        if (from == PtxType.S32 && longTarget && !longSource && to.bytes() == 8 && !to.floating() && !i.has("sat")) {
            return LaneInstructions.of(Longs::widenSigned, o.longTarget(0), o.word(1, from));
        }
        if (longSource && !longTarget && from.bytes() == 8 && !from.floating() && to.bytes() == 4 && !to.floating()
                && !i.has("sat")) {
            return LaneInstructions.of(Longs::narrow, o.wordTarget(0), o.longWord(1));
        }
        return new ConvertAny(o, to, from, longTarget, longSource);
    }

    /** The conversions from word to word that need no general machinery. */
    private static Lanes.@Nullable WordUnary common(Operands o, PtxType to, PtxType from) {
        PtxInstruction i = o.instruction();
        boolean plain = !i.has("sat") && !i.has("ftz") && !i.has("relu") && Rounding.of(i) == Rounding.NEAREST
                && !i.has("rni") && !o.isLong(o.operand(0)) && !o.isLong(o.operand(1));
        if (!plain) {
            return null;
        }
        if (to == PtxType.F32) {
            return switch (from) {
                case S32 -> Conversions::signedToFloat;
                case U32 -> Conversions::unsignedToFloat;
                case S16 -> Conversions::shortToFloat;
                case U16 -> Conversions::unsignedShortToFloat;
                case S8 -> Conversions::signedByteToFloat;
                case U8 -> Conversions::unsignedByteToFloat;
                case F16 -> Conversions::halfToFloat;
                case BF16 -> Conversions::brainToFloat;
                default -> null;
            };
        }
        if (from == PtxType.F32) {
            return to == PtxType.F16 ? Conversions::floatToHalf : to == PtxType.BF16 ? Conversions::floatToBrain : null;
        }
        return to.floating() || from.floating() ? null : integers(to, from, o.register(o.operand(0)).type().bytes());
    }

    private static Lanes.@Nullable WordUnary integers(PtxType to, PtxType from, int targetBytes) {
        if (to.bytes() == 4) {
            return switch (from) {
                case S8 -> Conversions::toByte;
                case U8 -> Conversions::toUnsignedByte;
                case S16 -> Conversions::toShort;
                case U16 -> Conversions::toUnsignedShort;
                default -> Words::copy;
            };
        }
        if (to.bytes() == 2 && targetBytes == 2 && from.bytes() >= 2) {
            return Conversions::toUnsignedShort;
        }
        return null;
    }

    private static Instruction packed(Operands o, PtxType to, PtxType from) {
        PtxInstruction i = o.instruction();
        if (from != PtxType.F32 || to != PtxType.F16X2 && to != PtxType.BF16X2) {
            throw o.unknown();
        }
        Rounding rounding = Rounding.of(i);
        boolean relu = i.has("relu");
        Lanes.WordBinary f;
        if (rounding == Rounding.NEAREST && !relu && !i.has("satfinite")) {
            f = to == PtxType.F16X2 ? Conversions::floatsToHalves : Conversions::floatsToBrains;
        } else if (i.has("satfinite")) {
            throw o.unknown();
        } else {
            HalfFormat format = HalfArithmetic.format(to);
            f = Lanes.each((a, b) -> narrow(a, format, rounding, relu) << 16 | narrow(b, format, rounding, relu));
        }
        return LaneInstructions.of(f, o.wordTarget(0), o.word(1, from), o.word(2, from));
    }

    private static int narrow(int bits, HalfFormat format, Rounding rounding, boolean relu) {
        float value = Float.intBitsToFloat(bits);
        return format.of(relu && value <= 0 ? 0.0 : value, rounding);
    }

    /** Two saturated integers side by side, below which a third source's low part is put. */
    private static Instruction pack(Operands o) {
        PtxInstruction i = o.instruction();
        PtxType to = i.type(0);
        int bits = 8 * to.bytes();
        long least = to.signed() ? -1L << bits - 1 : 0;
        long most = to.signed() ? (1L << bits - 1) - 1 : (1L << bits) - 1;
        int ones = (int) ((1L << bits) - 1);
        Lanes.IntTernaryOperator f = (a, b, c) -> (int) Math.clamp((long) a, least, most) << bits & ones << bits
                | (int) Math.clamp((long) b, least, most) & ones
                | (2 * bits < 32 ? c << 2 * bits : 0);
        int third = o.count() > 3 ? o.word(3, PtxType.B32) : o.wordConstant(0);
        return LaneInstructions.of(Lanes.each(f), o.wordTarget(0), o.word(1, PtxType.S32), o.word(2, PtxType.S32),
                third);
    }
}
