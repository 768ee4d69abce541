package dev.pillion.kernels.virtual;

import dev.pillion.kernels.ptx.PtxException;
import dev.pillion.kernels.ptx.PtxInstruction;
import dev.pillion.kernels.ptx.PtxType;

/** Any conversion, one lane at a time: integers pass through a long, floating-point numbers through a double. */
final class ConvertAny extends Instruction {
    private final PtxType to;
    private final PtxType from;
    private final boolean longTarget;
    private final boolean longSource;
    private final boolean saturate;
    private final boolean flush;
    private final boolean relu;
    private final boolean toInteger;
    private final Rounding rounding;
    private final int targetBits;
    private final int d;
    private final int a;

    ConvertAny(Operands o, PtxType to, PtxType from, boolean longTarget, boolean longSource) {
        PtxInstruction i = o.instruction();
        this.to = to;
        this.from = from;
        this.longTarget = longTarget;
        this.longSource = longSource;
        saturate = i.has("sat");
        flush = i.has("ftz");
        relu = i.has("relu");
        toInteger = i.has("rni") || i.has("rzi") || i.has("rmi") || i.has("rpi");
        rounding = Rounding.of(i);
        targetBits = longTarget ? 64 : 8 * (o.register(o.operand(0)) == null ? 4
                : o.register(o.operand(0)).type().bytes());
        d = longTarget ? o.longTarget(0) : o.wordTarget(0);
        a = longSource ? o.longWord(1) : o.word(1, from);
        if (i.has("satfinite")) {
            throw new PtxException(i.line(), "the virtual GPU does not know: " + i.text());
        }
    }

    @Override
    void run(Warp warp, int mask) {
        for (int m = mask; m != 0; m &= m - 1) {
            int lane = Integer.numberOfTrailingZeros(m);
            long bits = longSource ? warp.longs[a][lane] : warp.words[a][lane];
            long result = from.floating()
                    ? to.floating() ? floating(value(bits)) : integer(value(bits))
                    : to.floating() ? fromInteger(extend(bits, from)) : narrow(extend(bits, from));
            if (longTarget) {
                warp.longs[d][lane] = result;
            } else {
                warp.words[d][lane] = targetBits == 16 ? (int) result & 0xffff : (int) result;
            }
        }
    }

    private double value(long bits) {
        return switch (from) {
            case F16 -> Rounded.fromHalf((int) bits);
            case BF16 -> Rounded.fromBrain((int) bits);
            case F64 -> Double.longBitsToDouble(bits);
            default -> Float.intBitsToFloat(flush ? Floats.flush((int) bits) : (int) bits);
        };
    }

    private static long extend(long bits, PtxType type) {
        int unused = 64 - 8 * type.bytes();
        return type.signed() ? bits << unused >> unused : bits << unused >>> unused;
    }

    private long floating(double source) {
        double value = toInteger ? whole(source, rounding) : source;
        if (saturate) {
            value = value > 0 ? Math.min(value, 1) : 0;
        }
        if (relu && value <= 0) {
            value = 0;
        }
        return pack(value, toInteger ? Rounding.NEAREST : rounding);
    }

    private long pack(double value, Rounding rounding) {
        return switch (to) {
            case F16 -> Rounded.toHalf(value, rounding);
            case BF16 -> Rounded.toBrain(value, rounding);
            case F64 -> Double.doubleToRawLongBits(value);
            case TF32 -> tensorFloat(Float.floatToRawIntBits((float) value));
            default -> {
                int bits = Double.isNaN(value) ? Floats.NAN : Float.floatToRawIntBits(Rounded.toFloat(value, rounding));
                yield flush ? Floats.flush(bits) : bits;
            }
        };
    }

    /** Keeps 10 bits of the fraction. */
    private int tensorFloat(int bits) {
        if ((bits & 0x7f800000) == 0x7f800000) {
            return bits;
        }
        return rounding == Rounding.AWAY ? bits + 0x1000 & ~0x1fff : bits + 0xfff + (bits >>> 13 & 1) & ~0x1fff;
    }

    private static double whole(double value, Rounding rounding) {
        return switch (rounding) {
            case NEAREST -> Math.rint(value);
            case ZERO -> value < 0 ? Math.ceil(value) : Math.floor(value);
            case DOWN -> Math.floor(value);
            case UP -> Math.ceil(value);
            case AWAY -> throw new IllegalArgumentException("not a mode of integer conversion");
        };
    }

    /** Always saturates; NaN becomes 0, or the top bit in 64-bit integers. */
    private long integer(double source) {
        if (Double.isNaN(source)) {
            return to.bytes() == 8 ? Long.MIN_VALUE : 0;
        }
        double value = whole(source, rounding);
        int bits = 8 * to.bytes();
        if (to.signed()) {
            return Math.clamp((long) value, -1L << bits - 1, ~(-1L << bits - 1));
        }
        if (value <= 0) {
            return 0;
        }
        if (bits == 64) {
            return value >= 0x1p64 ? -1L : value >= 0x1p63 ? (long) (value - 0x1p63) ^ Long.MIN_VALUE : (long) value;
        }
        return Math.min((long) value, (1L << bits) - 1);
    }

    private long fromInteger(long value) {
        boolean unsigned = from == PtxType.U64 && value < 0;
        // Half of a large unsigned number, its last bit kept alive for rounding.
        double exact = unsigned ? 2 * odd(value >>> 1 | value & 1) : odd(value);
        if (to == PtxType.F64 && rounding == Rounding.NEAREST) {
            return Double.doubleToRawLongBits(unsigned ? 2.0 * (value >>> 1 | value & 1) : (double) value);
        }
        return pack(exact, rounding);
    }

    /** The double that a long is, rounded to odd. */
    private static double odd(long value) {
        long magnitude = Math.abs(value);
        int excess = 64 - 53 - Long.numberOfLeadingZeros(magnitude);
        if (excess <= 0 || value == Long.MIN_VALUE) {
            return value;
        }
        long kept = magnitude >>> excess;
        boolean cut = kept << excess != magnitude;
        double result = Math.scalb((double) (cut ? kept | 1 : kept), excess);
        return value < 0 ? -result : result;
    }

    private long narrow(long value) {
        long result = value;
        int bits = 8 * to.bytes();
        if (saturate) {
            result = saturated(value, bits);
        }
        // A target wider than its type gets the value extended to its own width.
        return bits == 64 ? result : extend(result, to);
    }

    private long saturated(long value, int bits) {
        if (bits == 64) {
            return to.signed() ? from == PtxType.U64 && value < 0 ? Long.MAX_VALUE : value
                    : from.signed() && value < 0 ? 0 : value;
        }
        if (from == PtxType.U64 && value < 0) {
            return to.signed() ? ~(-1L << bits - 1) : (1L << bits) - 1;
        }
        return to.signed() ? Math.clamp(value, -1L << bits - 1, ~(-1L << bits - 1))
                : Math.clamp(value, 0, (1L << bits) - 1);
    }
}
