package dev.pillion.kernels.virtual;

import dev.pillion.kernels.ptx.PtxInstruction;
import dev.pillion.kernels.ptx.PtxOperand;
import dev.pillion.kernels.ptx.PtxType;

/** Exchange of registers between lanes (PTX ISA, "shfl.sync"). */
final class Shuffle extends Instruction {
    /** How the source lane is found. */
    private enum Mode {
        UP,
        DOWN,
        BUTTERFLY,
        INDEX
    }

    private final Site site;
    private final Mode mode;
    private final int target;
    private final int within;
    private final int a;
    private final int b;
    private final int c;
    private final int members;

    private Shuffle(Operands o) {
        PtxInstruction i = o.instruction();
        if (!i.has("sync")) {
            throw o.unknown();
        }
        site = o.site();
        mode = i.has("up") ? Mode.UP : i.has("down") ? Mode.DOWN : i.has("bfly") ? Mode.BUTTERFLY : Mode.INDEX;
        PtxOperand d = o.operand(0);
        target = o.wordTarget(d instanceof PtxOperand.Pair pair ? pair.first() : d);
        within = d instanceof PtxOperand.Pair pair ? o.predicateTarget(pair.second()) : -1;
        a = o.word(1, PtxType.B32);
        b = o.word(2, PtxType.B32);
        c = o.word(3, PtxType.B32);
        members = o.word(4, PtxType.B32);
    }

    static Instruction decode(Operands o) {
        return new Shuffle(o);
    }

    @Override
    void run(Warp warp, int mask) {
        warp.requireConverged(warp.words[members][Integer.numberOfTrailingZeros(mask)], mask, site);
        int[] source = warp.words[a];
        int[] result = warp.wordScratch;
        int inRange = 0;
        for (int m = mask; m != 0; m &= m - 1) {
            int lane = Integer.numberOfTrailingZeros(m);
            int from = from(lane, warp.words[b][lane] & 31, warp.words[c][lane]);
            if (from >= 0) {
                inRange |= 1 << lane;
            } else {
                from = lane;
            }
            if ((mask >>> from & 1) == 0 && warp.block.launch().checks().barriers()) {
                throw Reports.warp(CudaResult.LAUNCH_FAILED, Check.BARRIER, "shuffle from lane " + from
                        + ", which does not take part", warp, 1 << lane, site);
            }
            result[lane] = source[from];
        }
        Lanes.merge(warp.words[target], result, mask);
        if (within >= 0) {
            PredicateTarget.plain(within).set(warp, mask, inRange);
        }
    }

    /** The source lane, or -1 if it is out of the segment. */
    private int from(int lane, int amount, int clampAndSegment) {
        int segment = clampAndSegment >>> 8 & 31;
        int most = lane & segment | clampAndSegment & 31 & ~segment;
        return switch (mode) {
            case UP -> lane - amount >= most ? lane - amount : -1;
            case DOWN -> lane + amount <= most ? lane + amount : -1;
            case BUTTERFLY -> (lane ^ amount) <= most ? lane ^ amount : -1;
            case INDEX -> {
                int j = lane & segment | amount & ~segment;
                yield j <= most ? j : -1;
            }
        };
    }
}
