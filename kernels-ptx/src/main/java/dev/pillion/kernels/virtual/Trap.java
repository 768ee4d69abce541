package dev.pillion.kernels.virtual;

/** Ends the launch. */
final class Trap extends Instruction {
    private final Site site;

    private Trap(Site site) {
        this.site = site;
    }

    static Instruction decode(Operands o) {
        return new Trap(o.site());
    }

    @Override
    void run(Warp warp, int mask) {
        throw Reports.warp(CudaResult.ILLEGAL_INSTRUCTION, null, "trap", warp, mask, site);
    }
}
