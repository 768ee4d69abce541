package dev.pillion.kernels.virtual;

/** Instructions that apply an operation to registers, one class for each shape of {@link Lanes}. */
@SuppressWarnings("overloads")
final class LaneInstructions {
    private LaneInstructions() {}

    /** Applies a {@link Lanes.WordUnary} to registers. */
    static Instruction of(Lanes.WordUnary f, int d, int a) {
        return new Instruction() {
            @Override
            void run(Warp warp, int mask) {
                int[] target = warp.words[d];
                if (mask == ALL) {
                    f.apply(target, warp.words[a]);
                } else {
                    f.apply(warp.wordScratch, warp.words[a]);
                    Lanes.merge(target, warp.wordScratch, mask);
                }
            }
        };
    }

    /** Applies a {@link Lanes.WordBinary} to registers. */
    static Instruction of(Lanes.WordBinary f, int d, int a, int b) {
        return new Instruction() {
            @Override
            void run(Warp warp, int mask) {
                int[] target = warp.words[d];
                if (mask == ALL) {
                    f.apply(target, warp.words[a], warp.words[b]);
                } else {
                    f.apply(warp.wordScratch, warp.words[a], warp.words[b]);
                    Lanes.merge(target, warp.wordScratch, mask);
                }
            }
        };
    }

    /** Applies a {@link Lanes.WordTernary} to registers. */
    static Instruction of(Lanes.WordTernary f, int d, int a, int b, int c) {
        return new Instruction() {
            @Override
            void run(Warp warp, int mask) {
                int[] target = warp.words[d];
                if (mask == ALL) {
                    f.apply(target, warp.words[a], warp.words[b], warp.words[c]);
                } else {
                    f.apply(warp.wordScratch, warp.words[a], warp.words[b], warp.words[c]);
                    Lanes.merge(target, warp.wordScratch, mask);
                }
            }
        };
    }

    /** Applies a {@link Lanes.LongUnary} to registers. */
    static Instruction of(Lanes.LongUnary f, int d, int a) {
        return new Instruction() {
            @Override
            void run(Warp warp, int mask) {
                long[] target = warp.longs[d];
                if (mask == ALL) {
                    f.apply(target, warp.longs[a]);
                } else {
                    f.apply(warp.longScratch, warp.longs[a]);
                    Lanes.merge(target, warp.longScratch, mask);
                }
            }
        };
    }

    /** Applies a {@link Lanes.LongBinary} to registers. */
    static Instruction of(Lanes.LongBinary f, int d, int a, int b) {
        return new Instruction() {
            @Override
            void run(Warp warp, int mask) {
                long[] target = warp.longs[d];
                if (mask == ALL) {
                    f.apply(target, warp.longs[a], warp.longs[b]);
                } else {
                    f.apply(warp.longScratch, warp.longs[a], warp.longs[b]);
                    Lanes.merge(target, warp.longScratch, mask);
                }
            }
        };
    }

    /** Applies a {@link Lanes.LongTernary} to registers. */
    static Instruction of(Lanes.LongTernary f, int d, int a, int b, int c) {
        return new Instruction() {
            @Override
            void run(Warp warp, int mask) {
                long[] target = warp.longs[d];
                if (mask == ALL) {
                    f.apply(target, warp.longs[a], warp.longs[b], warp.longs[c]);
                } else {
                    f.apply(warp.longScratch, warp.longs[a], warp.longs[b], warp.longs[c]);
                    Lanes.merge(target, warp.longScratch, mask);
                }
            }
        };
    }

    /** Applies a {@link Lanes.LongShift} to registers. */
    static Instruction of(Lanes.LongShift f, int d, int a, int b) {
        return new Instruction() {
            @Override
            void run(Warp warp, int mask) {
                long[] target = warp.longs[d];
                if (mask == ALL) {
                    f.apply(target, warp.longs[a], warp.words[b]);
                } else {
                    f.apply(warp.longScratch, warp.longs[a], warp.words[b]);
                    Lanes.merge(target, warp.longScratch, mask);
                }
            }
        };
    }

    /** Applies a {@link Lanes.Widening} to registers. */
    static Instruction of(Lanes.Widening f, int d, int a) {
        return new Instruction() {
            @Override
            void run(Warp warp, int mask) {
                long[] target = warp.longs[d];
                if (mask == ALL) {
                    f.apply(target, warp.words[a]);
                } else {
                    f.apply(warp.longScratch, warp.words[a]);
                    Lanes.merge(target, warp.longScratch, mask);
                }
            }
        };
    }

    /** Applies a {@link Lanes.Narrowing} to registers. */
    static Instruction of(Lanes.Narrowing f, int d, int a) {
        return new Instruction() {
            @Override
            void run(Warp warp, int mask) {
                int[] target = warp.words[d];
                if (mask == ALL) {
                    f.apply(target, warp.longs[a]);
                } else {
                    f.apply(warp.wordScratch, warp.longs[a]);
                    Lanes.merge(target, warp.wordScratch, mask);
                }
            }
        };
    }

    /** Applies a {@link Lanes.WideBinary} to registers. */
    static Instruction of(Lanes.WideBinary f, int d, int a, int b) {
        return new Instruction() {
            @Override
            void run(Warp warp, int mask) {
                long[] target = warp.longs[d];
                if (mask == ALL) {
                    f.apply(target, warp.words[a], warp.words[b]);
                } else {
                    f.apply(warp.longScratch, warp.words[a], warp.words[b]);
                    Lanes.merge(target, warp.longScratch, mask);
                }
            }
        };
    }

    /** Applies a {@link Lanes.WideTernary} to registers. */
    static Instruction of(Lanes.WideTernary f, int d, int a, int b, int c) {
        return new Instruction() {
            @Override
            void run(Warp warp, int mask) {
                long[] target = warp.longs[d];
                if (mask == ALL) {
                    f.apply(target, warp.words[a], warp.words[b], warp.longs[c]);
                } else {
                    f.apply(warp.longScratch, warp.words[a], warp.words[b], warp.longs[c]);
                    Lanes.merge(target, warp.longScratch, mask);
                }
            }
        };
    }

    /** Sets a predicate where a relation of words holds. */
    static Instruction of(Lanes.WordTest f, PredicateTarget target, int a, int b) {
        return new Instruction() {
            @Override
            void run(Warp warp, int mask) {
                target.set(warp, mask, f.apply(warp.words[a], warp.words[b]));
            }
        };
    }

    /** Sets a predicate where a relation of longs holds. */
    static Instruction of(Lanes.LongTest f, PredicateTarget target, int a, int b) {
        return new Instruction() {
            @Override
            void run(Warp warp, int mask) {
                target.set(warp, mask, f.apply(warp.longs[a], warp.longs[b]));
            }
        };
    }
}
