package dev.pillion.kernels.virtual;

import dev.pillion.kernels.ptx.PtxOperand;
import dev.pillion.kernels.ptx.PtxRegister;
import dev.pillion.kernels.ptx.PtxType;

/**
 * An address operand.
 *
 * @param space the space
 * @param wide whether the base is a long
 * @param slot slot of the base
 * @param offset bytes added
 * @param fixed whether the address is the same for all threads
 */
record MemoryOperand(Space space, boolean wide, int slot, long offset, boolean fixed) {
    static MemoryOperand of(Operands o, int n, Space space) {
        if (!(o.operand(n) instanceof PtxOperand.Address address)) {
            throw o.unknown();
        }
        switch (address.base()) {
            case PtxOperand.Register r -> {
                PtxRegister register = r.register();
                boolean wide = register.type().bytes() == 8;
                return new MemoryOperand(space, wide, wide ? o.longWord(address.base())
                        : o.word(address.base(), PtxType.B32), address.offset(), false);
            }
            case PtxOperand.Symbol s -> {
                Symbol symbol = o.symbol(s.name());
                // A parameter of a called function or of a call is a piece of local memory.
                Space actual = space == Space.PARAM && symbol.space().equals("local") ? Space.LOCAL : space;
                return new MemoryOperand(actual, true, o.longConstant(symbol.address()), address.offset(), true);
            }
            case PtxOperand.Literal l -> {
                return new MemoryOperand(space, true, o.longConstant(l.bits()), address.offset(), true);
            }
            default -> throw o.unknown();
        }
    }

    long address(Warp warp, int lane) {
        return (wide ? warp.longs[slot][lane] : warp.words[slot][lane] & 0xffff_ffffL) + offset;
    }
}
