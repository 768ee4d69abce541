package dev.pillion.kernels.virtual;

import dev.pillion.kernels.ptx.PtxInstruction;
import dev.pillion.kernels.ptx.PtxOperand;
import dev.pillion.kernels.ptx.PtxType;
import java.util.List;

/** Moves between registers, packing and unpacking included, and conversion of addresses. */
final class Moves {
    private Moves() {}

    static Instruction decode(Operands o) {
        PtxInstruction i = o.instruction();
        PtxType type = i.type(0);
        if (type == PtxType.PRED) {
            return Predicates.decode(o);
        }
        if (o.operand(0) instanceof PtxOperand.Group group) {
            return unpack(o, type, group.elements());
        }
        if (o.operand(1) instanceof PtxOperand.Group group) {
            return pack(o, type, group.elements());
        }
        if (o.operand(1) instanceof PtxOperand.Special special && isCounter(special.name())) {
            return counter(o, special.name(), type);
        }
        if (type.bytes() == 8) {
            return LaneInstructions.of(Longs::copy, o.longTarget(0), o.longWord(1));
        }
        return LaneInstructions.of(Words::copy, o.wordTarget(0), o.word(1, type));
    }

    private static boolean isCounter(String name) {
        return name.startsWith("%clock") || name.startsWith("%globaltimer") || name.equals("%gridid");
    }

    /** Clocks count the instructions of the warp; the global timer counts nanoseconds. */
    private static Instruction counter(Operands o, String name, PtxType type) {
        int d = type.bytes() == 8 ? o.longTarget(0) : o.wordTarget(0);
        return new Instruction() {
            @Override
            void run(Warp warp, int mask) {
                long now = name.startsWith("%clock") ? warp.instructions
                        : name.startsWith("%globaltimer") ? System.nanoTime() : 0;
                for (int m = mask; m != 0; m &= m - 1) {
                    int lane = Integer.numberOfTrailingZeros(m);
                    if (type.bytes() == 8) {
                        warp.longs[d][lane] = now;
                    } else {
                        warp.words[d][lane] = (int) (name.endsWith("hi") ? now >>> 32 : now);
                    }
                }
            }
        };
    }

    private static Instruction unpack(Operands o, PtxType type, List<PtxOperand> parts) {
        int n = parts.size();
        int bits = 8 * type.bytes() / n;
        boolean wideParts = bits == 64;
        boolean wideSource = type.bytes() == 8;
        if (type.bytes() == 16 || wideParts || bits < 8) {
            throw o.unknown();
        }
        int source = wideSource ? o.longWord(1) : o.word(1, type);
        int[] targets = new int[n];
        for (int k = 0; k < n; k++) {
            targets[k] = o.wordTarget(parts.get(k));
        }
        int ones = bits == 32 ? -1 : (1 << bits) - 1;
        if (!wideSource && bits == 16) {
            return halves(source, targets[0], targets[1]);
        }
        return new Instruction() {
            @Override
            void run(Warp warp, int mask) {
                for (int m = mask; m != 0; m &= m - 1) {
                    int lane = Integer.numberOfTrailingZeros(m);
                    long value = wideSource ? warp.longs[source][lane] : warp.words[source][lane];
                    for (int k = 0; k < n; k++) {
                        warp.words[targets[k]][lane] = (int) (value >>> bits * k) & ones;
                    }
                }
            }
        };
    }

    private static Instruction halves(int source, int low, int high) {
        Lanes.WordUnary lower = Conversions::toUnsignedShort;
        Lanes.WordUnary upper = Moves::upperHalf;
        return new Instruction() {
            @Override
            void run(Warp warp, int mask) {
                int[] from = warp.words[source];
                int[] to = warp.words[low];
                if (mask == ALL && to != from) {
                    lower.apply(to, from);
                    upper.apply(warp.words[high], from);
                } else {
                    // The upper half first and aside, since either target may be the source.
                    upper.apply(warp.wordScratch, from);
                    for (int m = mask; m != 0; m &= m - 1) {
                        int lane = Integer.numberOfTrailingZeros(m);
                        to[lane] = from[lane] & 0xffff;
                    }
                    Lanes.merge(warp.words[high], warp.wordScratch, mask);
                }
            }
        };
    }

    private static void upperHalf(int[] d, int[] a) {
        for (int i = 0; i < Lanes.COUNT; i++) {
            d[i] = a[i] >>> 16;
        }
    }

    private static Instruction pack(Operands o, PtxType type, List<PtxOperand> parts) {
        int n = parts.size();
        int bits = 8 * type.bytes() / n;
        if (type.bytes() == 16 || bits < 8 || bits > 32) {
            throw o.unknown();
        }
        PtxType part = bits == 32 ? PtxType.B32 : bits == 16 ? PtxType.B16 : PtxType.B8;
        int[] sources = new int[n];
        for (int k = 0; k < n; k++) {
            sources[k] = o.word(parts.get(k), part);
        }
        if (type.bytes() == 8) {
            return packLong(o.longTarget(0), sources, bits);
        }
        if (bits == 16) {
            return LaneInstructions.of(Moves::join, o.wordTarget(0), sources[0], sources[1]);
        }
        int d = o.wordTarget(0);
        int ones = (1 << bits) - 1;
        return new Instruction() {
            @Override
            void run(Warp warp, int mask) {
                for (int m = mask; m != 0; m &= m - 1) {
                    int lane = Integer.numberOfTrailingZeros(m);
                    int value = 0;
                    for (int k = 0; k < n; k++) {
                        value |= (warp.words[sources[k]][lane] & ones) << bits * k;
                    }
                    warp.words[d][lane] = value;
                }
            }
        };
    }

    private static void join(int[] d, int[] low, int[] high) {
        for (int i = 0; i < Lanes.COUNT; i++) {
            d[i] = low[i] & 0xffff | high[i] << 16;
        }
    }

    private static Instruction packLong(int d, int[] sources, int bits) {
        long ones = (1L << bits) - 1;
        return new Instruction() {
            @Override
            void run(Warp warp, int mask) {
                for (int m = mask; m != 0; m &= m - 1) {
                    int lane = Integer.numberOfTrailingZeros(m);
                    long value = 0;
                    for (int k = 0; k < sources.length; k++) {
                        value |= (warp.words[sources[k]][lane] & ones) << bits * k;
                    }
                    warp.longs[d][lane] = value;
                }
            }
        };
    }

    /** {@code cvta}: between an address in a space and the generic address of the same byte. */
    static Instruction convertAddress(Operands o) {
        PtxInstruction i = o.instruction();
        long window = i.has("shared") ? GenericSpace.SHARED : i.has("local") ? GenericSpace.LOCAL
                : i.has("param") ? GenericSpace.PARAM : 0;
        if (i.type(0).bytes() != 8) {
            throw o.unknown();
        }
        long difference = i.has("to") ? -window : window;
        if (difference == 0) {
            return LaneInstructions.of(Longs::copy, o.longTarget(0), o.longWord(1));
        }
        return LaneInstructions.of(Longs::add, o.longTarget(0), o.longWord(1), o.longConstant(difference));
    }
}
