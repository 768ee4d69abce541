package dev.pillion.kernels.virtual;

import dev.pillion.kernels.ptx.PtxInstruction;
import dev.pillion.kernels.ptx.PtxOperand;

/** Logic on predicates. */
final class Predicates {
    private Predicates() {}

    /** Decodes and, or, xor, not and mov of type {@code .pred}. */
    static Instruction decode(Operands o) {
        PtxInstruction i = o.instruction();
        PredicateTarget target = PredicateTarget.plain(o.predicateTarget(o.operand(0)));
        if (o.operand(1) instanceof PtxOperand.Literal literal) {
            int value = literal.bits() != 0 ? -1 : 0;
            return of(target, _ -> value);
        }
        PredicateSource a = o.predicate(o.operand(1));
        if (i.opcode().equals("not")) {
            return of(target, warp -> ~a.lanes(warp));
        }
        if (i.opcode().equals("mov")) {
            return of(target, a::lanes);
        }
        PredicateSource b = o.predicate(o.operand(2));
        return switch (i.opcode()) {
            case "and" -> of(target, warp -> a.lanes(warp) & b.lanes(warp));
            case "or" -> of(target, warp -> a.lanes(warp) | b.lanes(warp));
            case "xor" -> of(target, warp -> a.lanes(warp) ^ b.lanes(warp));
            default -> throw o.unknown();
        };
    }

    private interface Logic {
        int apply(Warp warp);
    }

    private static Instruction of(PredicateTarget target, Logic logic) {
        return new Instruction() {
            @Override
            void run(Warp warp, int mask) {
                target.set(warp, mask, logic.apply(warp));
            }
        };
    }
}
