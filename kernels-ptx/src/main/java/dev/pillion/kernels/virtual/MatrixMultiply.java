package dev.pillion.kernels.virtual;

import dev.pillion.kernels.ptx.PtxException;
import dev.pillion.kernels.ptx.PtxInstruction;
import dev.pillion.kernels.ptx.PtxOperand;
import dev.pillion.kernels.ptx.PtxType;
import java.util.List;

/**
 * Products of small matrices spread over a warp: {@code d[16, 8] = a[16, k] x b[k, 8] + c[16, 8]} (PTX ISA,
 * "mma.sync"). With {@code g = lane / 4}, {@code t = lane % 4} and {@code e} elements in a register, register {@code q}
 * of {@code a} holds row {@code g + 8 (q % 2)}, columns from {@code e t + 4 e (q / 2)} on; register {@code q} of
 * {@code b}
 * holds rows from {@code e t + 4 e q} on of column {@code g}; {@code c} and {@code d} hold rows {@code g} and
 * {@code g + 8}, columns {@code 2 t} and {@code 2 t + 1}. Products are added in the order of {@code k}, each sum
 * rounded
 * to nearest; the hardware's order is not documented.
 */
final class MatrixMultiply extends Instruction {
    private static final int ROWS = 16;
    private static final int COLUMNS = 8;

    private final Site site;
    private final int depth;
    private final PtxType typeA;
    private final PtxType typeB;
    private final boolean halfC;
    private final boolean halfD;
    private final boolean integers;
    private final boolean saturate;
    private final int perRegister;
    private final int[] d;
    private final int[] a;
    private final int[] b;
    private final int[] c;

    private MatrixMultiply(Operands o) {
        PtxInstruction i = o.instruction();
        String shape = i.suffixes().stream().filter(s -> s.startsWith("m16n8k")).findFirst().orElseThrow(o::unknown);
        if (!i.has("row") || !i.has("col") || !i.has("sync") || i.types() != 4 || o.count() != 4) {
            throw o.unknown();
        }
        site = o.site();
        depth = Integer.parseInt(shape.substring(6));
        typeA = i.type(1);
        typeB = i.type(2);
        halfD = i.type(0) == PtxType.F16;
        halfC = i.type(3) == PtxType.F16;
        integers = typeA == PtxType.S8 || typeA == PtxType.U8;
        saturate = i.has("satfinite");
        perRegister = 4 / typeA.bytes();
        boolean known = switch (typeA) {
            case F16, BF16 -> (depth == 16 || depth == 8) && typeB == typeA;
            case TF32 -> (depth == 8 || depth == 4) && typeB == typeA;
            case S8, U8 -> (depth == 32 || depth == 16) && typeB.bytes() == 1 && i.type(0) == PtxType.S32;
            default -> false;
        };
        if (!known) {
            throw o.unknown();
        }
        d = slots(o, 0, halfD ? 2 : 4, true);
        a = slots(o, 1, ROWS * depth / 32 / perRegister, false);
        b = slots(o, 2, COLUMNS * depth / 32 / perRegister, false);
        c = slots(o, 3, halfC ? 2 : 4, false);
    }

    private static int[] slots(Operands o, int n, int count, boolean target) {
        List<PtxOperand> elements = o.elements(n);
        if (elements.size() != count) {
            throw new PtxException(o.instruction().line(), count + " registers expected for operand " + n + " of "
                    + o.instruction().text());
        }
        return elements.stream().mapToInt(e -> target ? o.wordTarget(e) : o.word(e, PtxType.B32)).toArray();
    }

    static Instruction decode(Operands o) {
        return new MatrixMultiply(o);
    }

    /** Instructions on matrices need the whole warp, whatever is checked: there is no meaning without. */
    static void requireWhole(Warp warp, int mask, Site site) {
        if (mask != ALL) {
            throw Reports.warp(CudaResult.LAUNCH_FAILED, Check.BARRIER, "a matrix instruction needs 32 threads, not "
                    + Integer.bitCount(mask), warp, mask, site);
        }
    }

    @Override
    void run(Warp warp, int mask) {
        requireWhole(warp, mask, site);
        if (integers) {
            multiplyIntegers(warp);
        } else {
            multiplyFloats(warp);
        }
    }

    private void multiplyFloats(Warp warp) {
        float[] left = warp.block.matrices().left;
        float[] right = warp.block.matrices().right;
        float[] sums = warp.block.matrices().sums;
        for (int q = 0; q < a.length; q++) {
            unpackLeft(warp.words[a[q]], left, q);
        }
        for (int q = 0; q < b.length; q++) {
            unpackRight(warp.words[b[q]], right, q);
        }
        loadSums(warp, sums);
        for (int row = 0; row < ROWS; row++) {
            for (int k = 0; k < depth; k++) {
                accumulate(sums, row * COLUMNS, left[row * depth + k], right, k * COLUMNS);
            }
        }
        storeSums(warp, sums);
    }

    private static void accumulate(float[] sums, int at, float factor, float[] right, int from) {
        for (int n = 0; n < COLUMNS; n++) {
            sums[at + n] = Math.fma(factor, right[from + n], sums[at + n]);
        }
    }

    private void unpackLeft(int[] source, float[] left, int q) {
        for (int lane = 0; lane < Lanes.COUNT; lane++) {
            int at = ((lane >> 2) + 8 * (q & 1)) * depth + (lane & 3) * perRegister + 4 * perRegister * (q >> 1);
            int bits = source[lane];
            left[at] = element(bits, 0);
            if (perRegister == 2) {
                left[at + 1] = element(bits, 1);
            }
        }
    }

    private void unpackRight(int[] source, float[] right, int q) {
        for (int lane = 0; lane < Lanes.COUNT; lane++) {
            int at = ((lane & 3) * perRegister + 4 * perRegister * q) * COLUMNS + (lane >> 2);
            int bits = source[lane];
            right[at] = element(bits, 0);
            if (perRegister == 2) {
                right[at + COLUMNS] = element(bits, 1);
            }
        }
    }

    private float element(int bits, int part) {
        return switch (typeA) {
            case F16 -> Float.float16ToFloat((short) (part == 0 ? bits : bits >>> 16));
            case BF16 -> Float.intBitsToFloat(part == 0 ? bits << 16 : bits & 0xffff0000);
            // Of a TensorFloat-32 operand only 10 bits of the fraction are looked at.
            default -> Float.intBitsToFloat(bits & ~0x1fff);
        };
    }

    private void loadSums(Warp warp, float[] sums) {
        for (int q = 0; q < c.length; q++) {
            int[] source = warp.words[c[q]];
            for (int lane = 0; lane < Lanes.COUNT; lane++) {
                int row = (lane >> 2) * COLUMNS + 2 * (lane & 3);
                if (halfC) {
                    sums[row + q * 8 * COLUMNS] = Float.float16ToFloat((short) source[lane]);
                    sums[row + q * 8 * COLUMNS + 1] = Float.float16ToFloat((short) (source[lane] >>> 16));
                } else {
                    sums[row + (q >> 1) * 8 * COLUMNS + (q & 1)] = Float.intBitsToFloat(source[lane]);
                }
            }
        }
    }

    private void storeSums(Warp warp, float[] sums) {
        for (int q = 0; q < d.length; q++) {
            int[] target = warp.words[d[q]];
            for (int lane = 0; lane < Lanes.COUNT; lane++) {
                int row = (lane >> 2) * COLUMNS + 2 * (lane & 3);
                target[lane] = halfD
                        ? Rounded.halfOf(sums[row + q * 8 * COLUMNS])
                        | Rounded.halfOf(sums[row + q * 8 * COLUMNS + 1]) << 16
                        : Float.floatToRawIntBits(sums[row + (q >> 1) * 8 * COLUMNS + (q & 1)]);
            }
        }
    }

    private void multiplyIntegers(Warp warp) {
        int[] left = new int[ROWS * depth];
        int[] right = new int[depth * COLUMNS];
        for (int lane = 0; lane < Lanes.COUNT; lane++) {
            for (int j = 0; j < 4; j++) {
                for (int q = 0; q < a.length; q++) {
                    int at = ((lane >> 2) + 8 * (q & 1)) * depth + (lane & 3) * 4 + 16 * (q >> 1) + j;
                    left[at] = integer(warp.words[a[q]][lane] >>> 8 * j, typeA);
                }
                for (int q = 0; q < b.length; q++) {
                    right[((lane & 3) * 4 + 16 * q + j) * COLUMNS
                            + (lane >> 2)] = integer(warp.words[b[q]][lane] >>> 8 * j, typeB);
                }
            }
        }
        int[][] results = new int[4][Lanes.COUNT];
        for (int q = 0; q < 4; q++) {
            for (int lane = 0; lane < Lanes.COUNT; lane++) {
                int row = (lane >> 2) + 8 * (q >> 1);
                int column = 2 * (lane & 3) + (q & 1);
                long sum = warp.words[c[q]][lane];
                for (int k = 0; k < depth; k++) {
                    sum += left[row * depth + k] * right[k * COLUMNS + column];
                }
                results[q][lane] = saturate ? IntegerArithmetic.saturate(sum) : (int) sum;
            }
        }
        for (int q = 0; q < 4; q++) {
            System.arraycopy(results[q], 0, warp.words[d[q]], 0, Lanes.COUNT);
        }
    }

    private static int integer(int bits, PtxType type) {
        return type.signed() ? (byte) bits : bits & 255;
    }

    /** Room for the operands of one instruction. */
    static final class Matrices {
        final float[] left = new float[ROWS * 16];
        final float[] right = new float[16 * COLUMNS];
        final float[] sums = new float[ROWS * COLUMNS];
    }
}
