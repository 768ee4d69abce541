package dev.pillion.kernels.virtual;

import dev.pillion.kernels.ptx.PtxInstruction;
import dev.pillion.kernels.ptx.PtxType;

/** Logic, shifts and bit fields (PTX ISA, "Logic and Shift Instructions" and parts of "Integer Arithmetic"). */
final class BitOperations {
    private BitOperations() {}

    static Instruction decode(Operands o) {
        PtxInstruction i = o.instruction();
        PtxType type = i.type(0);
        return switch (i.opcode()) {
            case "and", "or", "xor" -> logic(o, type);
            case "not", "cnot" -> complement(o, type);
            case "shl", "shr" -> shift(o, type);
            case "popc", "clz" -> count(o, type);
            case "brev" -> type.bytes() == 8
                    ? LaneInstructions.of(Lanes.eachLong(Long::reverse), o.longTarget(0), o.longWord(1))
                    : LaneInstructions.of(Lanes.each(Integer::reverse), o.wordTarget(0), o.word(1, type));
            case "bfind" -> find(o, type);
            case "bfe" -> extract(o, type);
            case "bfi" -> insert(o, type);
            case "lop3" -> threeInputLogic(o, type);
            case "prmt" -> permute(o, type);
            case "shf" -> funnel(o, type);
            case "dp4a", "dp2a" -> dotProduct(o);
            case "bmsk" -> mask(o, type);
            default -> throw o.unknown();
        };
    }

    private static Instruction logic(Operands o, PtxType type) {
        String opcode = o.instruction().opcode();
        if (type.bytes() == 8) {
            Lanes.LongBinary f = opcode.equals("and") ? Longs::and : opcode.equals("or") ? Longs::or : Longs::xor;
            return LaneInstructions.of(f, o.longTarget(0), o.longWord(1), o.longWord(2));
        }
        Lanes.WordBinary f = opcode.equals("and") ? Words::and : opcode.equals("or") ? Words::or : Words::xor;
        return LaneInstructions.of(f, o.wordTarget(0), o.word(1, type), o.word(2, type));
    }

    private static Instruction complement(Operands o, PtxType type) {
        boolean zero = o.instruction().opcode().equals("cnot");
        if (type.bytes() == 8) {
            return LaneInstructions.of(Lanes.eachLong(zero ? a -> a == 0 ? 1 : 0 : a -> ~a), o.longTarget(0),
                    o.longWord(1));
        }
        Lanes.WordUnary f = zero ? Lanes.each(a -> a == 0 ? 1 : 0)
                : type.bytes() == 2 ? Lanes.each(a -> ~a & 0xffff) : Words::not;
        return LaneInstructions.of(f, o.wordTarget(0), o.word(1, type));
    }

    private static Instruction shift(Operands o, PtxType type) {
        boolean left = o.instruction().opcode().equals("shl");
        int amount = o.word(2, PtxType.U32);
        if (type.bytes() == 8) {
            Lanes.LongShift f = left ? Longs::shiftLeft : type.signed() ? Longs::shiftRightSigned : Longs::shiftRight;
            return LaneInstructions.of(f, o.longTarget(0), o.longWord(1), amount);
        }
        Lanes.WordBinary f;
        if (type.bytes() == 4 || !left && !type.signed()) {
            f = left ? Words::shiftLeft : type.signed() ? Words::shiftRightSigned : Words::shiftRight;
        } else if (left) {
            f = Lanes.each((a, b) -> Integer.compareUnsigned(b, 15) > 0 ? 0 : a << b & 0xffff);
        } else {
            f = Lanes.each((a, b) -> (short) a >> (Integer.compareUnsigned(b, 15) > 0 ? 15 : b) & 0xffff);
        }
        return LaneInstructions.of(f, o.wordTarget(0), o.word(1, type), amount);
    }

    private static Instruction count(Operands o, PtxType type) {
        boolean ones = o.instruction().opcode().equals("popc");
        if (type.bytes() == 8) {
            Lanes.Narrowing f = (d, a) -> {
                for (int i = 0; i < Lanes.COUNT; i++) {
                    d[i] = ones ? Long.bitCount(a[i]) : Long.numberOfLeadingZeros(a[i]);
                }
            };
            return LaneInstructions.of(f, o.wordTarget(0), o.longWord(1));
        }
        return LaneInstructions.of(Lanes.each(ones ? Integer::bitCount : Integer::numberOfLeadingZeros),
                o.wordTarget(0), o.word(1, type));
    }

    /** Highest bit that is not the sign; all ones if there is none. */
    private static Instruction find(Operands o, PtxType type) {
        boolean amount = o.instruction().has("shiftamt");
        if (type.bytes() == 8) {
            Lanes.Narrowing f = (d, a) -> {
                for (int i = 0; i < Lanes.COUNT; i++) {
                    long x = type.signed() && a[i] < 0 ? ~a[i] : a[i];
                    d[i] = x == 0 ? -1 : amount ? Long.numberOfLeadingZeros(x) : 63 - Long.numberOfLeadingZeros(x);
                }
            };
            return LaneInstructions.of(f, o.wordTarget(0), o.longWord(1));
        }
        return LaneInstructions.of(Lanes.each(a -> {
            int x = type.signed() && a < 0 ? ~a : a;
            return x == 0 ? -1 : amount ? Integer.numberOfLeadingZeros(x) : 31 - Integer.numberOfLeadingZeros(x);
        }), o.wordTarget(0), o.word(1, type));
    }

    private static Instruction extract(Operands o, PtxType type) {
        int position = o.word(2, PtxType.U32);
        int length = o.word(3, PtxType.U32);
        if (type.bytes() == 8) {
            boolean signed = type.signed();
            return LongField.of((a, _, p, n) -> extract(a, p, n, 64, signed), o.longTarget(0), o.longWord(1),
                    o.longConstant(0), position, length);
        }
        return LaneInstructions.of(Lanes.each(type.signed()
                ? (a, p, n) -> (int) extract(a, p & 255, n & 255, 32, true)
                : (a, p, n) -> (int) extract(a & 0xffff_ffffL, p & 255, n & 255, 32, false)),
                o.wordTarget(0), o.word(1, type), position, length);
    }

    /** Bits from a position on, to which bits past the top count as copies of the sign, or zero. */
    private static long extract(long value, int position, int length, int bits, boolean signed) {
        if (length == 0) {
            return 0;
        }
        if (!signed) {
            long shifted = position >= bits ? 0 : value >>> position;
            return length >= bits ? shifted : shifted & (1L << length) - 1;
        }
        long shifted = value >> Math.min(position, 63);
        int above = 64 - Math.min(length, 64);
        return shifted << above >> above;
    }

    private static Instruction insert(Operands o, PtxType type) {
        int position = o.word(3, PtxType.U32);
        int length = o.word(4, PtxType.U32);
        if (type.bytes() == 8) {
            return LongField.of((a, b, p, n) -> insert(a, b, p, n, 64), o.longTarget(0), o.longWord(1), o.longWord(2),
                    position, length);
        }
        int d = o.wordTarget(0);
        int field = o.word(1, type);
        int base = o.word(2, type);
        return new Instruction() {
            @Override
            void run(Warp warp, int mask) {
                for (int m = mask; m != 0; m &= m - 1) {
                    int i = Integer.numberOfTrailingZeros(m);
                    warp.words[d][i] = (int) insert(warp.words[field][i], warp.words[base][i],
                            warp.words[position][i] & 255, warp.words[length][i] & 255, 32);
                }
            }
        };
    }

    private static long insert(long field, long base, int position, int length, int bits) {
        int n = Math.min(length, bits - position);
        if (n <= 0) {
            return base;
        }
        long ones = n == 64 ? -1 : (1L << n) - 1 << position;
        return field << position & ones | base & ~ones;
    }

    private static Instruction threeInputLogic(Operands o, PtxType type) {
        if (o.isPredicate(o.operand(0)) || o.count() != 5) {
            throw o.unknown();
        }
        int table = o.literal(4);
        Lanes.WordTernary f = (d, a, b, c) -> lop3(table, d, a, b, c);
        return LaneInstructions.of(f, o.wordTarget(0), o.word(1, type), o.word(2, type), o.word(3, type));
    }

    /** Each bit of the table is the result for one combination of input bits, {@code a} being the highest. */
    private static void lop3(int table, int[] d, int[] a, int[] b, int[] c) {
        int t0 = -(table & 1);
        int t1 = -(table >>> 1 & 1);
        int t2 = -(table >>> 2 & 1);
        int t3 = -(table >>> 3 & 1);
        int t4 = -(table >>> 4 & 1);
        int t5 = -(table >>> 5 & 1);
        int t6 = -(table >>> 6 & 1);
        int t7 = -(table >>> 7 & 1);
        for (int i = 0; i < Lanes.COUNT; i++) {
            int x = a[i];
            int y = b[i];
            int z = c[i];
            int low = ~y & (~z & t0 | z & t1) | y & (~z & t2 | z & t3);
            int high = ~y & (~z & t4 | z & t5) | y & (~z & t6 | z & t7);
            d[i] = ~x & low | x & high;
        }
    }

    private static Instruction permute(Operands o, PtxType type) {
        PtxInstruction i = o.instruction();
        for (String mode : new String[] {"f4e", "b4e", "rc8", "ecl", "ecr", "rc16"}) {
            if (i.has(mode)) {
                throw o.unknown();
            }
        }
        return LaneInstructions.of(Lanes.each(BitOperations::permuteBytes), o.wordTarget(0), o.word(1, type),
                o.word(2, type), o.word(3, type));
    }

    /** Picks four of eight bytes; the high bit of a selector repeats the byte's sign instead. */
    static int permuteBytes(int a, int b, int selectors) {
        long bytes = a & 0xffff_ffffL | (long) b << 32;
        int result = 0;
        for (int n = 0; n < 4; n++) {
            int selector = selectors >>> 4 * n;
            byte picked = (byte) (bytes >>> 8 * (selector & 7));
            int value = (selector & 8) != 0 ? picked >> 7 : picked;
            result |= (value & 255) << 8 * n;
        }
        return result;
    }

    /** Shifts the 64 bits {@code b:a} and takes the upper half (left) or the lower half (right). */
    private static Instruction funnel(Operands o, PtxType type) {
        PtxInstruction i = o.instruction();
        boolean left = i.has("l");
        boolean clamp = i.has("clamp");
        return LaneInstructions.of(Lanes.each((a, b, c) -> {
            int n = clamp ? Integer.compareUnsigned(c, 32) > 0 ? 32 : c : c & 31;
            long both = (long) b << 32 | a & 0xffff_ffffL;
            return left ? (int) (both << n >>> 32) : (int) (both >>> n);
        }), o.wordTarget(0), o.word(1, type), o.word(2, type), o.word(3, PtxType.U32));
    }

    private static Instruction dotProduct(Operands o) {
        PtxInstruction i = o.instruction();
        boolean signedA = i.type(0).signed();
        boolean signedB = i.type(1).signed();
        Lanes.IntTernaryOperator f;
        if (i.opcode().equals("dp4a")) {
            f = (a, b, c) -> {
                int sum = c;
                for (int n = 0; n < 32; n += 8) {
                    sum += (signedA ? (byte) (a >>> n) : a >>> n & 255) * (signedB ? (byte) (b >>> n) : b >>> n & 255);
                }
                return sum;
            };
        } else {
            int base = i.has("hi") ? 16 : 0;
            f = (a, b, c) -> {
                int sum = c;
                for (int n = 0; n < 2; n++) {
                    int x = signedA ? (short) (a >>> 16 * n) : a >>> 16 * n & 0xffff;
                    int byteOfB = b >>> base + 8 * n;
                    sum += x * (signedB ? (byte) byteOfB : byteOfB & 255);
                }
                return sum;
            };
        }
        return LaneInstructions.of(Lanes.each(f), o.wordTarget(0), o.word(1, PtxType.B32), o.word(2, PtxType.B32),
                o.word(3, PtxType.B32));
    }

    private static Instruction mask(Operands o, PtxType type) {
        boolean clamp = o.instruction().has("clamp");
        return LaneInstructions.of(Lanes.each((a, b) -> {
            int position = clamp ? Integer.compareUnsigned(a, 32) > 0 ? 32 : a : a & 31;
            int length = clamp ? Integer.compareUnsigned(b, 32) > 0 ? 32 : b : b & 31;
            return (int) ((1L << length) - 1 << position);
        }), o.wordTarget(0), o.word(1, type), o.word(2, type));
    }
}
