package dev.pillion.kernels.virtual;

/** A 64-bit bit-field instruction: long = f(long, long, word, word). */
final class LongField extends Instruction {
    /** What it does to one lane; position and length are taken modulo 256. */
    interface Operation {
        long apply(long a, long b, int position, int length);
    }

    private final Operation operation;
    private final int d;
    private final int a;
    private final int b;
    private final int position;
    private final int length;

    private LongField(Operation operation, int d, int a, int b, int position, int length) {
        this.operation = operation;
        this.d = d;
        this.a = a;
        this.b = b;
        this.position = position;
        this.length = length;
    }

    static Instruction of(Operation operation, int d, int a, int b, int position, int length) {
        return new LongField(operation, d, a, b, position, length);
    }

    @Override
    void run(Warp warp, int mask) {
        for (int m = mask; m != 0; m &= m - 1) {
            int i = Integer.numberOfTrailingZeros(m);
            warp.longs[d][i] = operation.apply(warp.longs[a][i], warp.longs[b][i], warp.words[position][i] & 255,
                    warp.words[length][i] & 255);
        }
    }
}
