package dev.pillion.kernels.virtual;

import static java.lang.Double.longBitsToDouble;
import static java.lang.Float.intBitsToFloat;

import dev.pillion.kernels.ptx.PtxInstruction;
import dev.pillion.kernels.ptx.PtxOperand;
import dev.pillion.kernels.ptx.PtxType;
import java.util.List;

/** Comparisons into predicates or registers (PTX ISA, "Comparison and Selection Instructions"). */
final class Comparison {
    private static final List<String> RELATIONS = List.of("eq", "ne", "lt", "le", "gt", "ge", "lo", "ls", "hi", "hs",
            "equ", "neu", "ltu", "leu", "gtu", "geu", "num", "nan");

    private Comparison() {}

    static Instruction decode(Operands o) {
        PtxInstruction i = o.instruction();
        boolean set = i.opcode().equals("set");
        PtxType type = i.type(set ? 1 : 0);
        if (set) {
            return set(o, i.type(0), type);
        }
        PtxOperand first = o.operand(0);
        boolean pair = first instanceof PtxOperand.Pair;
        if (HalfArithmetic.takes(type) && type.bytes() == 4) {
            PtxOperand.Pair both = pair ? (PtxOperand.Pair) first : new PtxOperand.Pair(first, new PtxOperand.Sink());
            PredicateTarget low = target(o, both.first(), new PtxOperand.Sink());
            PredicateTarget high = target(o, both.second(), new PtxOperand.Sink());
            return halves(o, type, low, high);
        }
        PredicateTarget target = pair
                ? target(o, ((PtxOperand.Pair) first).first(), ((PtxOperand.Pair) first).second())
                : target(o, first, new PtxOperand.Sink());
        return type.bytes() == 8
                ? LaneInstructions.of(longTest(o, type), target, o.longWord(1), o.longWord(2))
                : LaneInstructions.of(wordTest(o, type), target, o.word(1, type), o.word(2, type));
    }

    private static PredicateTarget target(Operands o, PtxOperand first, PtxOperand second) {
        PtxInstruction i = o.instruction();
        PredicateTarget.Combine combine = i.has("and") ? PredicateTarget.Combine.AND
                : i.has("or") ? PredicateTarget.Combine.OR
                : i.has("xor") ? PredicateTarget.Combine.XOR : PredicateTarget.Combine.NONE;
        PredicateSource third = combine == PredicateTarget.Combine.NONE ? new PredicateSource(0, 0)
                : o.predicate(o.operand(3));
        return new PredicateTarget(o.predicateTarget(first), o.predicateTarget(second), combine, third.slot(),
                third.flip());
    }

    private static Instruction halves(Operands o, PtxType type, PredicateTarget low, PredicateTarget high) {
        HalfFormat format = HalfArithmetic.format(type);
        Lanes.WordTest lower = Lanes.test((a, b) -> floating(relation(o), format.value(a & 0xffff),
                format.value(b & 0xffff)));
        Lanes.WordTest upper = Lanes.test((a, b) -> floating(relation(o), format.value(a >>> 16),
                format.value(b >>> 16)));
        Instruction one = LaneInstructions.of(lower, low, o.word(1, type), o.word(2, type));
        Instruction two = LaneInstructions.of(upper, high, o.word(1, type), o.word(2, type));
        return new Instruction() {
            @Override
            void run(Warp warp, int mask) {
                one.run(warp, mask);
                two.run(warp, mask);
            }
        };
    }

    /** Writes all ones or 1.0 where the relation holds, zero elsewhere. */
    private static Instruction set(Operands o, PtxType to, PtxType type) {
        if (to.bytes() > 4 || o.count() > 3) {
            throw o.unknown();
        }
        int d = o.wordTarget(0);
        if (HalfArithmetic.takes(type) && type.bytes() == 4) {
            HalfFormat format = HalfArithmetic.format(type);
            int yes = to.floating() ? format.one() : 0xffff;
            String relation = relation(o);
            return LaneInstructions.of(Lanes.each((a, b) ->
                    (floating(relation, format.value(a & 0xffff), format.value(b & 0xffff)) ? yes : 0)
                    | (floating(relation, format.value(a >>> 16), format.value(b >>> 16)) ? yes : 0) << 16),
                    d, o.word(1, type), o.word(2, type));
        }
        int yes = to == PtxType.F32 ? Float.floatToRawIntBits(1f) : HalfArithmetic.takes(to)
                ? HalfArithmetic.format(to).one()
                : to.bytes() == 2 ? 0xffff : -1;
        boolean wide = type.bytes() == 8;
        Lanes.WordTest words = wide ? (_, _) -> 0 : wordTest(o, type);
        Lanes.LongTest longs = wide ? longTest(o, type) : (_, _) -> 0;
        int a = wide ? o.longWord(1) : o.word(1, type);
        int b = wide ? o.longWord(2) : o.word(2, type);
        return new Instruction() {
            @Override
            void run(Warp warp, int mask) {
                int holds = wide ? longs.apply(warp.longs[a], warp.longs[b])
                        : words.apply(warp.words[a], warp.words[b]);
                for (int m = mask; m != 0; m &= m - 1) {
                    int lane = Integer.numberOfTrailingZeros(m);
                    warp.words[d][lane] = (holds >>> lane & 1) != 0 ? yes : 0;
                }
            }
        };
    }

    private static String relation(Operands o) {
        return o.instruction().suffixes().stream().filter(RELATIONS::contains).findFirst().orElseThrow(o::unknown);
    }

    private static Lanes.WordTest wordTest(Operands o, PtxType type) {
        String relation = relation(o);
        if (type == PtxType.F32) {
            return FloatTests.of(relation, o.instruction().has("ftz"));
        }
        if (type.floating()) {
            HalfFormat format = HalfArithmetic.format(type);
            return Lanes.test((a, b) -> floating(relation, format.value(a), format.value(b)));
        }
        if (type.bytes() == 2 && type.signed()) {
            Lanes.WordRelation f = wordRelation(relation, true);
            return Lanes.test((a, b) -> f.holds((short) a, (short) b));
        }
        boolean signed = type.signed();
        return switch (relation) {
            case "eq" -> Words::equal;
            case "ne" -> (a, b) -> ~Words.equal(a, b);
            case "lt" -> signed ? Words::less : Words::below;
            case "gt" -> signed ? (a, b) -> Words.less(b, a) : (a, b) -> Words.below(b, a);
            case "le" -> signed ? (a, b) -> ~Words.less(b, a) : (a, b) -> ~Words.below(b, a);
            case "ge" -> signed ? (a, b) -> ~Words.less(a, b) : (a, b) -> ~Words.below(a, b);
            case "lo" -> Words::below;
            case "hi" -> (a, b) -> Words.below(b, a);
            case "ls" -> (a, b) -> ~Words.below(b, a);
            case "hs" -> (a, b) -> ~Words.below(a, b);
            default -> throw o.unknown();
        };
    }

    private static Lanes.WordRelation wordRelation(String relation, boolean signed) {
        Lanes.LongRelation f = longRelation(relation, signed);
        return (a, b) -> f.holds(a, b);
    }

    private static Lanes.LongTest longTest(Operands o, PtxType type) {
        String relation = relation(o);
        if (type == PtxType.F64) {
            return Lanes.testLong((a, b) -> floating(relation, longBitsToDouble(a), longBitsToDouble(b)));
        }
        return Lanes.testLong(longRelation(relation, type.signed()));
    }

    private static Lanes.LongRelation longRelation(String relation, boolean signed) {
        return switch (relation) {
            case "eq" -> (a, b) -> a == b;
            case "ne" -> (a, b) -> a != b;
            case "lt" -> signed ? (a, b) -> a < b : (a, b) -> Long.compareUnsigned(a, b) < 0;
            case "le" -> signed ? (a, b) -> a <= b : (a, b) -> Long.compareUnsigned(a, b) <= 0;
            case "gt" -> signed ? (a, b) -> a > b : (a, b) -> Long.compareUnsigned(a, b) > 0;
            case "ge" -> signed ? (a, b) -> a >= b : (a, b) -> Long.compareUnsigned(a, b) >= 0;
            case "lo" -> (a, b) -> Long.compareUnsigned(a, b) < 0;
            case "ls" -> (a, b) -> Long.compareUnsigned(a, b) <= 0;
            case "hi" -> (a, b) -> Long.compareUnsigned(a, b) > 0;
            case "hs" -> (a, b) -> Long.compareUnsigned(a, b) >= 0;
            default -> throw new IllegalArgumentException("not a relation of integers: " + relation);
        };
    }

    /** Relations whose name ends in u also hold if either is NaN. */
    static boolean floating(String relation, double a, double b) {
        boolean unordered = a != a || b != b;
        return switch (relation) {
            case "eq" -> a == b;
            case "ne" -> !unordered && a != b;
            case "lt" -> a < b;
            case "le" -> a <= b;
            case "gt" -> a > b;
            case "ge" -> a >= b;
            case "equ" -> unordered || a == b;
            case "neu" -> a != b;
            case "ltu" -> !(a >= b);
            case "leu" -> !(a > b);
            case "gtu" -> !(a <= b);
            case "geu" -> !(a < b);
            case "num" -> !unordered;
            case "nan" -> unordered;
            default -> throw new IllegalArgumentException("not a relation of floats: " + relation);
        };
    }

    /** Relations of floats. */
    private static final class FloatTests {
        static Lanes.WordTest of(String relation, boolean flush) {
            if (flush) {
                return Lanes.test((a, b) -> floating(relation, intBitsToFloat(Floats.flush(a)),
                        intBitsToFloat(Floats.flush(b))));
            }
            return switch (relation) {
                case "lt" -> Comparison::less;
                case "gt" -> (a, b) -> less(b, a);
                case "geu" -> (a, b) -> ~less(a, b);
                case "leu" -> (a, b) -> ~less(b, a);
                case "eq" -> Comparison::equal;
                case "neu" -> (a, b) -> ~equal(a, b);
                default -> Lanes.test((a, b) -> floating(relation, intBitsToFloat(a), intBitsToFloat(b)));
            };
        }
    }

    private static int less(int[] a, int[] b) {
        int holds = 0;
        for (int i = 0; i < Lanes.COUNT; i++) {
            holds |= (intBitsToFloat(a[i]) < intBitsToFloat(b[i]) ? 1 : 0) << i;
        }
        return holds;
    }

    private static int equal(int[] a, int[] b) {
        int holds = 0;
        for (int i = 0; i < Lanes.COUNT; i++) {
            holds |= (intBitsToFloat(a[i]) == intBitsToFloat(b[i]) ? 1 : 0) << i;
        }
        return holds;
    }
}
