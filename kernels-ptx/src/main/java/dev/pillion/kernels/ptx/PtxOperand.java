package dev.pillion.kernels.ptx;

import java.util.List;

/** An operand of an instruction. */
public sealed interface PtxOperand {
    /**
     * A declared register.
     *
     * @param register which
     */
    record Register(PtxRegister register) implements PtxOperand {}

    /**
     * A special register such as {@code %tid.x}.
     *
     * @param name name with the percent sign
     */
    record Special(String name) implements PtxOperand {}

    /**
     * A literal.
     *
     * @param bits the integer, or the bits of the float or double
     * @param bytes 4 for a single ({@code 0f...}), 8 for a double ({@code 0d...}), 0 for an integer
     */
    record Literal(long bits, int bytes) implements PtxOperand {}

    /**
     * Name of a variable, label or function.
     *
     * @param name the name
     */
    record Symbol(String name) implements PtxOperand {}

    /**
     * A memory operand {@code [base+offset]}.
     *
     * @param base register, symbol or literal
     * @param offset bytes
     */
    record Address(PtxOperand base, long offset) implements PtxOperand {}

    /**
     * A vector {@code {a, b}}.
     *
     * @param elements the elements in order
     */
    record Group(List<PtxOperand> elements) implements PtxOperand {}

    /**
     * Two results {@code a|b}.
     *
     * @param first the value
     * @param second the predicate
     */
    record Pair(PtxOperand first, PtxOperand second) implements PtxOperand {}

    /**
     * A negated predicate {@code !p}.
     *
     * @param operand the predicate
     */
    record Not(PtxOperand operand) implements PtxOperand {}

    /** The bit bucket {@code _}. */
    record Sink() implements PtxOperand {}
}
