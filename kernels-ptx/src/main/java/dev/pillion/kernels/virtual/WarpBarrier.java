package dev.pillion.kernels.virtual;

import dev.pillion.kernels.ptx.PtxType;

/** {@code bar.warp.sync}: orders the accesses of the warp's threads. */
final class WarpBarrier extends Instruction {
    private final Site site;
    private final int members;

    private WarpBarrier(Operands o) {
        site = o.site();
        members = o.word(0, PtxType.B32);
    }

    static Instruction decode(Operands o) {
        if (!o.instruction().has("warp")) {
            throw o.unknown();
        }
        return new WarpBarrier(o);
    }

    @Override
    void run(Warp warp, int mask) {
        warp.requireConverged(warp.words[members][Integer.numberOfTrailingZeros(mask)], mask, site);
        warp.synchronizeLanes();
    }
}
