package dev.pillion.kernels.virtual;

import dev.pillion.kernels.ptx.PtxInstruction;
import dev.pillion.kernels.ptx.PtxType;
import java.util.function.DoublePredicate;

/** {@code testp}: properties of floating-point numbers. */
final class FloatClass {
    private FloatClass() {}

    static Instruction decode(Operands o) {
        PtxInstruction i = o.instruction();
        PtxType type = i.type(0);
        double least = type == PtxType.F64 ? Double.MIN_NORMAL : Float.MIN_NORMAL;
        DoublePredicate test = switch (i.suffixes().getFirst()) {
            case "finite" -> Double::isFinite;
            case "infinite" -> Double::isInfinite;
            case "number" -> a -> !Double.isNaN(a);
            case "notanumber" -> Double::isNaN;
            case "normal" -> a -> Double.isFinite(a) && Math.abs(a) >= least;
            case "subnormal" -> a -> a != 0 && Math.abs(a) < least;
            default -> throw o.unknown();
        };
        PredicateTarget target = PredicateTarget.plain(o.predicateTarget(o.operand(0)));
        if (type == PtxType.F64) {
            return LaneInstructions.of(Lanes.testLong((a, _) -> test.test(Double.longBitsToDouble(a))), target,
                    o.longWord(1), o.longWord(1));
        }
        int a = o.word(1, type);
        return LaneInstructions.of(Lanes.test((x, _) -> test.test(Float.intBitsToFloat(x))), target, a, a);
    }
}
