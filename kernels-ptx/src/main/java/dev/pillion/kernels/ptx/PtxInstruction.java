package dev.pillion.kernels.ptx;

import java.util.List;
import java.util.Optional;

/**
 * An instruction.
 *
 * @param line line of the text, from 1
 * @param text the instruction as written, blanks folded
 * @param guard predicate register that decides which threads execute it, if it is predicated
 * @param guardNegated whether they are the threads where the predicate is false
 * @param opcode first part of the name, such as {@code ld}
 * @param suffixes the other parts, such as {@code global}, {@code f32}
 * @param operands the operands in order
 */
public record PtxInstruction(
        int line,
        String text,
        Optional<PtxRegister> guard,
        boolean guardNegated,
        String opcode,
        List<String> suffixes,
        List<PtxOperand> operands) {
    /** Whether the name has a part. */
    public boolean has(String suffix) {
        return suffixes.contains(suffix);
    }

    /** Type named by the {@code n}-th part that names a type, from 0. */
    public PtxType type(int n) {
        int seen = 0;
        for (String suffix : suffixes) {
            Optional<PtxType> type = PtxType.named(suffix);
            if (type.isPresent() && seen++ == n) {
                return type.get();
            }
        }
        throw new PtxException(line, "no type in " + text);
    }

    /** Number of parts that name a type. */
    public int types() {
        return (int) suffixes.stream().filter(s -> PtxType.named(s).isPresent()).count();
    }

    /** Operand {@code n}. */
    public PtxOperand operand(int n) {
        if (n >= operands.size()) {
            throw new PtxException(line, "operand " + n + " missing in " + text);
        }
        return operands.get(n);
    }
}
