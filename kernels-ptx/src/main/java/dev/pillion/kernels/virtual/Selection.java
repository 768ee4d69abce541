package dev.pillion.kernels.virtual;

import dev.pillion.kernels.ptx.PtxType;

/** Choice between two sources: by a predicate ({@code selp}) or by a sign ({@code slct}). */
final class Selection {
    private Selection() {}

    static Instruction decode(Operands o) {
        PtxType type = o.instruction().type(0);
        boolean wide = type.bytes() == 8;
        int d = wide ? o.longTarget(0) : o.wordTarget(0);
        int a = wide ? o.longWord(1) : o.word(1, type);
        int b = wide ? o.longWord(2) : o.word(2, type);
        Chooser chooser = o.instruction().opcode().equals("selp") ? o.predicate(o.operand(3))::lanes : sign(o);
        return wide ? longs(chooser, d, a, b) : words(chooser, d, a, b);
    }

    /** Lanes that take the first source. */
    private interface Chooser {
        int lanes(Warp warp);
    }

    private static Chooser sign(Operands o) {
        PtxType type = o.instruction().type(1);
        int c = o.word(3, type);
        Lanes.WordTest test = type == PtxType.F32
                ? Lanes.test((x, _) -> Float.intBitsToFloat(x) >= 0) : Lanes.test((x, _) -> x >= 0);
        return warp -> test.apply(warp.words[c], warp.words[c]);
    }

    private static Instruction words(Chooser chooser, int d, int a, int b) {
        return new Instruction() {
            @Override
            void run(Warp warp, int mask) {
                int first = chooser.lanes(warp);
                int[] target = mask == ALL ? warp.words[d] : warp.wordScratch;
                choose(target, warp.words[a], warp.words[b], first);
                if (mask != ALL) {
                    Lanes.merge(warp.words[d], target, mask);
                }
            }
        };
    }

    private static void choose(int[] d, int[] a, int[] b, int first) {
        if (first == -1) {
            Words.copy(d, a);
        } else if (first == 0) {
            Words.copy(d, b);
        } else {
            for (int i = 0; i < Lanes.COUNT; i++) {
                int keep = -(first >>> i & 1);
                d[i] = a[i] & keep | b[i] & ~keep;
            }
        }
    }

    private static Instruction longs(Chooser chooser, int d, int a, int b) {
        return new Instruction() {
            @Override
            void run(Warp warp, int mask) {
                int first = chooser.lanes(warp);
                long[] target = warp.longs[d];
                long[] yes = warp.longs[a];
                long[] no = warp.longs[b];
                for (int m = mask; m != 0; m &= m - 1) {
                    int lane = Integer.numberOfTrailingZeros(m);
                    target[lane] = (first >>> lane & 1) != 0 ? yes[lane] : no[lane];
                }
            }
        };
    }
}
