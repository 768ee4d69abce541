package dev.pillion.kernels.virtual;

import dev.pillion.kernels.ptx.PtxInstruction;
import dev.pillion.kernels.ptx.PtxOperand;
import dev.pillion.kernels.ptx.PtxType;
import java.util.function.IntBinaryOperator;

/** Votes, matches and reductions over a warp (PTX ISA, "vote.sync", "activemask", "match.sync", "redux.sync"). */
final class Votes {
    private Votes() {}

    static Instruction decode(Operands o) {
        PtxInstruction i = o.instruction();
        if (i.opcode().equals("activemask")) {
            return activeMask(o.wordTarget(0));
        }
        if (!i.has("sync")) {
            throw o.unknown();
        }
        return switch (i.opcode()) {
            case "vote" -> vote(o);
            case "match" -> match(o);
            default -> reduce(o);
        };
    }

    private static void put(Warp warp, int target, int mask, int value) {
        int[] lanes = warp.words[target];
        for (int m = mask; m != 0; m &= m - 1) {
            lanes[Integer.numberOfTrailingZeros(m)] = value;
        }
    }

    private static Instruction activeMask(int target) {
        return new Instruction() {
            @Override
            void run(Warp warp, int mask) {
                put(warp, target, mask, mask);
            }
        };
    }

    private static Instruction vote(Operands o) {
        PtxInstruction i = o.instruction();
        Site site = o.site();
        PredicateSource source = o.predicate(o.operand(1));
        int members = o.word(2, PtxType.B32);
        boolean ballot = i.has("ballot");
        boolean all = i.has("all");
        boolean uniform = i.has("uni");
        int target = ballot ? o.wordTarget(0) : o.predicateTarget(o.operand(0));
        return new Instruction() {
            @Override
            void run(Warp warp, int mask) {
                warp.requireConverged(warp.words[members][Integer.numberOfTrailingZeros(mask)], mask, site);
                int holds = source.lanes(warp) & mask;
                if (ballot) {
                    put(warp, target, mask, holds);
                } else {
                    boolean outcome = all ? holds == mask : uniform ? holds == mask || holds == 0 : holds != 0;
                    PredicateTarget.plain(target).set(warp, mask, outcome ? -1 : 0);
                }
            }
        };
    }

    private static Instruction match(Operands o) {
        PtxInstruction i = o.instruction();
        Site site = o.site();
        boolean all = i.has("all");
        boolean wide = i.type(0).bytes() == 8;
        PtxOperand d = o.operand(0);
        int target = o.wordTarget(d instanceof PtxOperand.Pair pair ? pair.first() : d);
        int agree = d instanceof PtxOperand.Pair pair ? o.predicateTarget(pair.second()) : -1;
        int a = wide ? o.longWord(1) : o.word(1, PtxType.B32);
        int members = o.word(2, PtxType.B32);
        return new Instruction() {
            @Override
            void run(Warp warp, int mask) {
                warp.requireConverged(warp.words[members][Integer.numberOfTrailingZeros(mask)], mask, site);
                int[] result = warp.wordScratch;
                boolean same = true;
                for (int m = mask; m != 0; m &= m - 1) {
                    int lane = Integer.numberOfTrailingZeros(m);
                    result[lane] = equals(warp, lane, mask);
                    same &= result[lane] == mask;
                }
                if (all) {
                    put(warp, target, mask, same ? mask : 0);
                } else {
                    Lanes.merge(warp.words[target], result, mask);
                }
                if (agree >= 0) {
                    PredicateTarget.plain(agree).set(warp, mask, same ? -1 : 0);
                }
            }

            private int equals(Warp warp, int lane, int mask) {
                int equal = 0;
                for (int m = mask; m != 0; m &= m - 1) {
                    int other = Integer.numberOfTrailingZeros(m);
                    boolean same = wide ? warp.longs[a][lane] == warp.longs[a][other]
                            : warp.words[a][lane] == warp.words[a][other];
                    equal |= same ? 1 << other : 0;
                }
                return equal;
            }
        };
    }

    private static Instruction reduce(Operands o) {
        PtxInstruction i = o.instruction();
        Site site = o.site();
        PtxType type = i.type(0);
        if (type.bytes() != 4 || type.floating()) {
            throw o.unknown();
        }
        boolean signed = type.signed();
        IntBinaryOperator f = switch (i.suffixes().get(1)) {
            case "add" -> Integer::sum;
            case "min" -> signed ? Math::min : (x, y) -> Integer.compareUnsigned(x, y) < 0 ? x : y;
            case "max" -> signed ? Math::max : (x, y) -> Integer.compareUnsigned(x, y) > 0 ? x : y;
            case "and" -> (x, y) -> x & y;
            case "or" -> (x, y) -> x | y;
            case "xor" -> (x, y) -> x ^ y;
            default -> throw o.unknown();
        };
        int target = o.wordTarget(0);
        int a = o.word(1, type);
        int members = o.word(2, PtxType.B32);
        return new Instruction() {
            @Override
            void run(Warp warp, int mask) {
                int first = Integer.numberOfTrailingZeros(mask);
                warp.requireConverged(warp.words[members][first], mask, site);
                int result = warp.words[a][first];
                for (int m = mask & mask - 1; m != 0; m &= m - 1) {
                    result = f.applyAsInt(result, warp.words[a][Integer.numberOfTrailingZeros(m)]);
                }
                put(warp, target, mask, result);
            }
        };
    }
}
