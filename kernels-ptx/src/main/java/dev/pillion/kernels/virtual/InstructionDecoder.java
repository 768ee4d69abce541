package dev.pillion.kernels.virtual;

import dev.pillion.kernels.ptx.PtxInstruction;
import dev.pillion.kernels.ptx.PtxType;

/** Finds who decodes an instruction. */
final class InstructionDecoder {
    private InstructionDecoder() {}

    /**
     * Decodes an instruction, its guard left aside.
     *
     * @throws dev.pillion.kernels.ptx.PtxException with text and line, if the machine does not know it
     */
    static Instruction decode(Operands o) {
        PtxInstruction i = o.instruction();
        return switch (i.opcode()) {
            case "add", "sub", "mul", "mad", "div", "rem", "min", "max", "neg", "abs", "sad", "fma", "rcp", "sqrt",
                    "rsqrt", "ex2", "lg2", "sin", "cos", "tanh", "copysign", "mul24", "mad24", "addc", "subc", "madc" ->
                arithmetic(o);
            case "and", "or", "xor", "not" -> i.type(0) == PtxType.PRED ? Predicates.decode(o)
                    : BitOperations.decode(o);
            case "cnot", "shl", "shr", "popc", "clz", "brev", "bfind", "bfe", "bfi", "lop3", "prmt", "shf", "dp4a",
                    "dp2a", "bmsk" -> BitOperations.decode(o);
            case "setp", "set" -> Comparison.decode(o);
            case "selp", "slct" -> Selection.decode(o);
            case "testp" -> FloatClass.decode(o);
            case "mov" -> Moves.decode(o);
            case "cvta" -> Moves.convertAddress(o);
            case "isspacep" -> SpaceTest.decode(o);
            case "cvt" -> Convert.decode(o);
            case "ld", "ldu" -> Load.decode(o);
            case "st" -> Store.decode(o);
            case "atom", "red" -> Atomic.decode(o);
            case "shfl" -> Shuffle.decode(o);
            case "vote", "activemask", "match", "redux" -> Votes.decode(o);
            case "bar" -> WarpBarrier.decode(o);
            case "ldmatrix" -> MatrixLoad.decode(o);
            case "mma" -> MatrixMultiply.decode(o);
            case "cp" -> AsyncCopies.decode(o);
            case "trap", "brkpt" -> Trap.decode(o);
            case "membar", "fence", "prefetch", "prefetchu", "nanosleep", "discard", "applypriority",
                    "griddepcontrol" ->
                Nothing.INSTANCE;
            default -> throw o.unknown();
        };
    }

    private static Instruction arithmetic(Operands o) {
        PtxInstruction i = o.instruction();
        PtxType type = i.type(0);
        if (i.types() > 1) {
            throw o.unknown();
        }
        return switch (type) {
            case F32 -> FloatArithmetic.decode(o);
            case F64 -> DoubleArithmetic.decode(o);
            case F16, F16X2, BF16, BF16X2 -> HalfArithmetic.decode(o);
            default -> IntegerArithmetic.decode(o);
        };
    }
}
