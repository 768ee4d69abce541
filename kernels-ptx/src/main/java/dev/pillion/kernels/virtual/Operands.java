package dev.pillion.kernels.virtual;

import dev.pillion.kernels.ptx.PtxException;
import dev.pillion.kernels.ptx.PtxInstruction;
import dev.pillion.kernels.ptx.PtxOperand;
import dev.pillion.kernels.ptx.PtxRegister;
import dev.pillion.kernels.ptx.PtxType;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Turns the operands of one instruction into slots. */
final class Operands {
    private final RegisterSlots slots;
    private final Map<String, Symbol> symbols;
    private final PtxInstruction instruction;
    private final Site site;

    Operands(RegisterSlots slots, Map<String, Symbol> symbols, PtxInstruction instruction, Site site) {
        this.slots = slots;
        this.symbols = symbols;
        this.instruction = instruction;
        this.site = site;
    }

    /** The instruction. */
    PtxInstruction instruction() {
        return instruction;
    }

    /** The instruction, for reports. */
    Site site() {
        return site;
    }

    /** Says that the machine does not know the instruction. */
    PtxException unknown() {
        return new PtxException(instruction.line(), "the virtual GPU does not know: " + instruction.text());
    }

    private PtxException mismatch(PtxOperand operand) {
        return new PtxException(instruction.line(), "operand does not fit: " + operand + " in " + instruction.text());
    }

    int count() {
        return instruction.operands().size();
    }

    PtxOperand operand(int n) {
        return instruction.operand(n);
    }

    /** The register an operand is, if it is one. */
    @Nullable
    PtxRegister register(PtxOperand operand) {
        return operand instanceof PtxOperand.Register r ? r.register() : null;
    }

    /** Whether an operand is held in a long. */
    boolean isLong(PtxOperand operand) {
        PtxRegister register = register(operand);
        return register != null && register.type().bytes() == 8;
    }

    /** Whether an operand is a predicate. */
    boolean isPredicate(PtxOperand operand) {
        PtxRegister register = register(operand);
        return register != null && register.type() == PtxType.PRED;
    }

    /** Slot of a 16- or 32-bit source of a type. */
    int word(int n, PtxType type) {
        return word(operand(n), type);
    }

    int word(PtxOperand operand, PtxType type) {
        return switch (operand) {
            case PtxOperand.Register r when r.register().type().bytes() <= 4 && r.register().type() != PtxType.PRED ->
                slots.of(r.register());
            case PtxOperand.Special s -> special(s);
            case PtxOperand.Literal l -> slots.wordConstant(wordBits(l, type));
            case PtxOperand.Symbol s -> slots.wordConstant((int) symbol(s.name()).address());
            case PtxOperand.Address a when a.base() instanceof PtxOperand.Symbol s ->
                slots.wordConstant((int) (symbol(s.name()).address() + a.offset()));
            default -> throw mismatch(operand);
        };
    }

    private static int wordBits(PtxOperand.Literal literal, PtxType type) {
        long bits = literal.bits();
        if (literal.bytes() == 8) {
            bits = Float.floatToRawIntBits((float) Double.longBitsToDouble(bits));
        }
        return type.bytes() == 2 ? (int) bits & 0xffff : type.bytes() == 1 ? (int) bits & 0xff : (int) bits;
    }

    private int special(PtxOperand.Special special) {
        return SpecialRegister.named(special.name()).orElseThrow(this::unknown).ordinal();
    }

    /** Slot of a 64-bit source. */
    int longWord(int n) {
        return longWord(operand(n));
    }

    int longWord(PtxOperand operand) {
        return switch (operand) {
            case PtxOperand.Register r when r.register().type().bytes() == 8 -> slots.of(r.register());
            case PtxOperand.Literal l -> slots.longConstant(l.bytes() == 4
                    ? Double.doubleToRawLongBits(Float.intBitsToFloat((int) l.bits())) : l.bits());
            case PtxOperand.Symbol s -> slots.longConstant(symbol(s.name()).address());
            case PtxOperand.Address a when a.base() instanceof PtxOperand.Symbol s ->
                slots.longConstant(symbol(s.name()).address() + a.offset());
            default -> throw mismatch(operand);
        };
    }

    /** What a name stands for. */
    Symbol symbol(String name) {
        Symbol symbol = symbols.get(name);
        if (symbol == null) {
            throw new PtxException(instruction.line(), "unknown name " + name + " in " + instruction.text());
        }
        return symbol;
    }

    /** Slot of a 16- or 32-bit result. */
    int wordTarget(int n) {
        return wordTarget(operand(n));
    }

    int wordTarget(PtxOperand operand) {
        return switch (operand) {
            case PtxOperand.Sink _ -> slots.wordSink();
            case PtxOperand.Register r when r.register().type().bytes() <= 4 && r.register().type() != PtxType.PRED ->
                slots.of(r.register());
            default -> throw mismatch(operand);
        };
    }

    /** Slot of a 64-bit result. */
    int longTarget(int n) {
        return longTarget(operand(n));
    }

    int longTarget(PtxOperand operand) {
        return switch (operand) {
            case PtxOperand.Sink _ -> slots.longSink();
            case PtxOperand.Register r when r.register().type().bytes() == 8 -> slots.of(r.register());
            default -> throw mismatch(operand);
        };
    }

    /** Slot of a predicate, or -1 for the bit bucket. */
    int predicateTarget(PtxOperand operand) {
        return switch (operand) {
            case PtxOperand.Sink _ -> -1;
            case PtxOperand.Register r when r.register().type() == PtxType.PRED -> slots.of(r.register());
            default -> throw mismatch(operand);
        };
    }

    /** A predicate source. */
    PredicateSource predicate(PtxOperand operand) {
        return switch (operand) {
            case PtxOperand.Not(PtxOperand inner) -> {
                PredicateSource source = predicate(inner);
                yield new PredicateSource(source.slot(), ~source.flip());
            }
            case PtxOperand.Register r when r.register().type() == PtxType.PRED ->
                new PredicateSource(slots.of(r.register()), 0);
            default -> throw mismatch(operand);
        };
    }

    /** Slot of a word that is the same for all lanes. */
    int wordConstant(int value) {
        return slots.wordConstant(value);
    }

    /** Slot of a long that is the same for all lanes. */
    int longConstant(long value) {
        return slots.longConstant(value);
    }

    /** Value of a literal operand. */
    int literal(int n) {
        if (operand(n) instanceof PtxOperand.Literal literal) {
            return (int) literal.bits();
        }
        throw mismatch(operand(n));
    }

    /** Elements of a vector operand; the operand itself where it is none. */
    List<PtxOperand> elements(int n) {
        return operand(n) instanceof PtxOperand.Group group ? group.elements() : List.of(operand(n));
    }
}
