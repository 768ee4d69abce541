package dev.pillion.kernels.virtual;

import dev.pillion.kernels.ptx.PtxInstruction;
import dev.pillion.kernels.ptx.PtxOperand;
import java.util.function.IntConsumer;

/** Which registers an instruction reads and which it writes. */
final class RegisterUse {
    private RegisterUse() {}

    /** Whether the first operand is where the result goes. */
    private static boolean hasResult(PtxInstruction i) {
        return switch (i.opcode()) {
            case "st", "red", "cp", "bra", "brx", "ret", "exit", "membar", "fence", "prefetch", "prefetchu",
                    "nanosleep",
                    "discard", "applypriority", "trap", "brkpt", "griddepcontrol" -> false;
            case "bar", "barrier" -> i.has("red");
            default -> true;
        };
    }

    /** Names the registers that are read, those of a result that only some lanes write among them. */
    static void reads(PtxInstruction i, IntConsumer register) {
        i.guard().ifPresent(guard -> register.accept(guard.index()));
        boolean result = hasResult(i);
        for (int n = 0; n < i.operands().size(); n++) {
            if (n > 0 || !result || i.guard().isPresent()) {
                registers(i.operands().get(n), register);
            }
        }
    }

    /** Names the registers that are written. */
    static void writes(PtxInstruction i, IntConsumer register) {
        if (hasResult(i) && !i.operands().isEmpty()) {
            registers(i.operands().getFirst(), register);
        }
    }

    private static void registers(PtxOperand operand, IntConsumer register) {
        switch (operand) {
            case PtxOperand.Register r -> register.accept(r.register().index());
            case PtxOperand.Address a -> registers(a.base(), register);
            case PtxOperand.Group g -> g.elements().forEach(e -> registers(e, register));
            case PtxOperand.Pair p -> {
                registers(p.first(), register);
                registers(p.second(), register);
            }
            case PtxOperand.Not n -> registers(n.operand(), register);
            default -> { }
        }
    }
}
