package dev.pillion.kernels.virtual;

import dev.pillion.kernels.ptx.PtxInstruction;
import dev.pillion.kernels.ptx.PtxType;

/**
 * Additions that read or write the carry flag, of which each lane has one (PTX ISA, "Extended-Precision Integer
 * Arithmetic Instructions"). Subtraction adds the complement, so that its flag means "no borrow" inside and the
 * instructions that read it fit together.
 */
final class CarryArithmetic extends Instruction {
    private final boolean wide;
    private final boolean product;
    private final boolean high;
    private final boolean signed;
    private final boolean subtract;
    private final boolean carryIn;
    private final boolean carryOut;
    private final int d;
    private final int a;
    private final int b;
    private final int c;

    private CarryArithmetic(Operands o) {
        PtxInstruction i = o.instruction();
        PtxType type = i.type(0);
        wide = type.bytes() == 8;
        product = i.opcode().startsWith("mad");
        high = i.has("hi");
        signed = type.signed();
        subtract = i.opcode().startsWith("sub");
        carryIn = i.opcode().endsWith("c");
        carryOut = i.has("cc");
        d = wide ? o.longTarget(0) : o.wordTarget(0);
        a = source(o, 1, type);
        b = source(o, 2, type);
        c = product ? source(o, 3, type) : 0;
    }

    static Instruction decode(Operands o) {
        return new CarryArithmetic(o);
    }

    private int source(Operands o, int n, PtxType type) {
        return wide ? o.longWord(n) : o.word(n, type);
    }

    @Override
    void run(Warp warp, int mask) {
        for (int m = mask; m != 0; m &= m - 1) {
            int lane = Integer.numberOfTrailingZeros(m);
            int flag = warp.carry >>> lane & 1;
            int carry = carryIn ? subtract ? 1 - flag : flag : subtract ? 1 : 0;
            int out = wide ? runLong(warp, lane, carry) : runWord(warp, lane, carry);
            if (carryOut) {
                warp.carry = warp.carry & ~(1 << lane) | (subtract ? 1 - out : out) << lane;
            }
        }
    }

    private int runWord(Warp warp, int lane, int carry) {
        int x = warp.words[a][lane];
        int y = warp.words[b][lane];
        if (product) {
            x = !high ? x * y : signed ? IntegerArithmetic.high(x, y) : IntegerArithmetic.highUnsigned(x, y);
            y = warp.words[c][lane];
        }
        long sum = (x & 0xffff_ffffL) + ((subtract ? ~y : y) & 0xffff_ffffL) + carry;
        warp.words[d][lane] = (int) sum;
        return (int) (sum >>> 32);
    }

    private int runLong(Warp warp, int lane, int carry) {
        long x = warp.longs[a][lane];
        long y = warp.longs[b][lane];
        if (product) {
            x = !high ? x * y : signed ? Math.multiplyHigh(x, y) : Math.unsignedMultiplyHigh(x, y);
            y = warp.longs[c][lane];
        }
        y = subtract ? ~y : y;
        long half = x + y;
        long sum = half + carry;
        warp.longs[d][lane] = sum;
        return Long.compareUnsigned(half, x) < 0 || Long.compareUnsigned(sum, half) < 0 ? 1 : 0;
    }
}
