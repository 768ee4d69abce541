package dev.pillion.kernels.virtual;

import dev.pillion.kernels.ptx.PtxInstruction;
import dev.pillion.kernels.ptx.PtxType;

/** Decodes barriers of a block (PTX ISA, "bar", "barrier"). */
final class BarrierDecoder {
    private BarrierDecoder() {}

    static BarrierCall decode(Operands o) {
        PtxInstruction i = o.instruction();
        boolean reduces = i.has("red");
        if (!reduces) {
            if (!i.has("sync") && !i.has("arrive")) {
                throw o.unknown();
            }
            int number = o.count() > 0 ? o.word(0, PtxType.U32) : o.wordConstant(0);
            int threads = o.count() > 1 ? o.word(1, PtxType.U32) : -1;
            return new BarrierCall(o.site(), number, threads, i.has("arrive"), BarrierCall.Reduction.NONE,
                    new PredicateSource(0, 0), -1);
        }
        BarrierCall.Reduction reduction = i.has("popc") ? BarrierCall.Reduction.POPC
                : i.has("and") ? BarrierCall.Reduction.AND : BarrierCall.Reduction.OR;
        int last = o.count() - 1;
        int target = reduction == BarrierCall.Reduction.POPC ? o.wordTarget(0) : o.predicateTarget(o.operand(0));
        return new BarrierCall(o.site(), o.word(1, PtxType.U32), last > 2 ? o.word(2, PtxType.U32) : -1, false,
                reduction,
                o.predicate(o.operand(last)), target);
    }
}
