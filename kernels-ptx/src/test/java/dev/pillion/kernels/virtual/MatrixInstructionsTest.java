package dev.pillion.kernels.virtual;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pillion.kernels.driver.GpuException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Matrix instructions on fragments that the test lays out by the formulas of the PTX ISA, element by element, against a
 * plain product of the matrices.
 */
class MatrixInstructionsTest {
    private static final long SEED = 16;
    private static final int LANES = 32;

    /** Registers of one lane after the other, {@code registers} for each. */
    private static String kernel(String instruction, int a, int b, int c, int d) {
        StringBuilder body = new StringBuilder(".reg .b32 %a<4>, %b<4>, %c<4>, %d<4>, %t; .reg .b64 %p<4>, %o<4>; mov.u32 %t, %laneid;\n");
        int[] counts = {a, b, c, d};
        String names = "abcd";
        for (int i = 0; i < 4; i++) {
            body.append("ld.param.u64 %p").append(i).append(", [k").append(i).append("]; mul.wide.u32 %o").append(i)
                    .append(", %t, ").append(4 * counts[i]).append("; add.s64 %p").append(i).append(", %p").append(i)
                    .append(", %o").append(i).append(";\n");
            for (int r = 0; r < counts[i] && i < 3; r++) {
                body.append("ld.global.b32 %").append(names.charAt(i)).append(r).append(", [%p").append(i).append("+")
                        .append(4 * r).append("];\n");
            }
        }
        body.append(instruction).append('\n');
        for (int r = 0; r < d; r++) {
            body.append("st.global.b32 [%p3+").append(4 * r).append("], %d").append(r).append(";\n");
        }
        return TestGpu.kernel(".param .u64 k0, .param .u64 k1, .param .u64 k2, .param .u64 k3", body + "ret;");
    }

    private static String group(char name, int count) {
        StringBuilder text = new StringBuilder("{");
        for (int i = 0; i < count; i++) {
            text.append(i == 0 ? "%" : ", %").append(name).append(i);
        }
        return text.append("}").toString();
    }

    private static int[] run(String mnemonic, int[] a, int[] b, int[] c, int registersOfD) {
        int na = a.length / LANES;
        int nb = b.length / LANES;
        int nc = c.length / LANES;
        String instruction = mnemonic + " " + group('d', registersOfD) + ", " + group('a', na) + ", " + group('b', nb)
                + ", "
                + group('c', nc) + ";";
        try (TestGpu gpu = new TestGpu(kernel(instruction, na, nb, nc, registersOfD))) {
            long d = gpu.allocate(4L * LANES * registersOfD);
            gpu.run("k", 1, LANES, 0, gpu.upload(a), gpu.upload(b), gpu.upload(c), d);
            return gpu.ints(d, LANES * registersOfD);
        }
    }

    private static int bits(float value, String type) {
        return switch (type) {
            case "f16" -> Float.floatToFloat16(value) & 0xffff;
            case "bf16" -> Float.floatToRawIntBits(value) >>> 16;
            default -> Float.floatToRawIntBits(value);
        };
    }

    /** Small integers and halves, so that all sums are exact in every order. */
    private static float[][] matrix(Random random, int rows, int columns) {
        float[][] matrix = new float[rows][columns];
        for (float[] row : matrix) {
            for (int i = 0; i < columns; i++) {
                row[i] = (random.nextInt(17) - 8) / 2f;
            }
        }
        return matrix;
    }

    private static float expected(float[][] a, float[][] b, float[][] c, int row, int column) {
        float sum = c[row][column];
        for (int k = 0; k < b.length; k++) {
            sum += a[row][k] * b[k][column];
        }
        return sum;
    }

    /** Row and column of element i of the accumulator, as the ISA gives them for m16n8. */
    private static int rowOfC(int lane, int i) {
        return i < 2 ? lane >> 2 : (lane >> 2) + 8;
    }

    private static int columnOfC(int lane, int i) {
        return (lane % 4) * 2 + (i & 1);
    }

    @ParameterizedTest
    @CsvSource({"f16, 16", "bf16, 16", "f16, 8", "bf16, 8"})
    void multipliesHalves(String type, int k) {
        Random random = new Random(SEED);
        float[][] a = matrix(random, 16, k);
        float[][] b = matrix(random, k, 8);
        float[][] c = matrix(random, 16, 8);
        int elementsOfA = k / 2;
        int elementsOfB = k / 4;
        int[] fa = new int[LANES * elementsOfA / 2];
        int[] fb = new int[LANES * elementsOfB / 2];
        for (int lane = 0; lane < LANES; lane++) {
            int group = lane >> 2;
            int within = lane % 4;
            for (int i = 0; i < elementsOfA; i++) {
                int row = k == 16 ? i < 2 || i >= 4 && i < 6 ? group : group + 8 : i < 2 ? group : group + 8;
                int column = i < 4 ? within * 2 + (i & 1) : within * 2 + (i & 1) + 8;
                fa[lane * elementsOfA / 2 + i / 2] |= bits(a[row][column], type) << 16 * (i & 1);
            }
            for (int i = 0; i < elementsOfB; i++) {
                int row = i < 2 ? within * 2 + (i & 1) : within * 2 + (i & 1) + 8;
                fb[lane * elementsOfB / 2 + i / 2] |= bits(b[row][group], type) << 16 * (i & 1);
            }
        }
        int[] fc = new int[LANES * 4];
        for (int n = 0; n < fc.length; n++) {
            fc[n] = bits(c[rowOfC(n / 4, n % 4)][columnOfC(n / 4, n % 4)], "f32");
        }
        int[] d = run("mma.sync.aligned.m16n8k" + k + ".row.col.f32." + type + "." + type + ".f32", fa, fb, fc, 4);
        for (int n = 0; n < d.length; n++) {
            assertThat(Float.intBitsToFloat(d[n])).as("lane %d element %d", n / 4, n % 4)
                    .isEqualTo(expected(a, b, c, rowOfC(n / 4, n % 4), columnOfC(n / 4, n % 4)));
        }
        if (type.equals("f16")) {
            halfSums(fa, fb, a, b, c, k);
        }
    }

    private static void halfSums(int[] fa, int[] fb, float[][] a, float[][] b, float[][] c, int k) {
        int[] fc = new int[LANES * 2];
        for (int n = 0; n < LANES * 4; n++) {
            fc[n / 2] |= bits(c[rowOfC(n / 4, n % 4)][columnOfC(n / 4, n % 4)], "f16") << 16 * (n & 1);
        }
        int[] d = run("mma.sync.aligned.m16n8k" + k + ".row.col.f16.f16.f16.f16", fa, fb, fc, 2);
        for (int n = 0; n < LANES * 4; n++) {
            float got = Float.float16ToFloat((short) (d[n / 2] >>> 16 * (n & 1)));
            assertThat(got).isEqualTo(expected(a, b, c, rowOfC(n / 4, n % 4), columnOfC(n / 4, n % 4)));
        }
    }

    @ParameterizedTest
    @CsvSource({"s8, 32", "u8, 32", "s8, 16"})
    void multipliesBytes(String type, int k) {
        Random random = new Random(SEED);
        boolean signed = type.equals("s8");
        int[][] a = new int[16][k];
        int[][] b = new int[k][8];
        int elementsOfA = k / 2;
        int elementsOfB = k / 4;
        int[] fa = new int[LANES * elementsOfA / 4];
        int[] fb = new int[LANES * elementsOfB / 4];
        int[] fc = new int[LANES * 4];
        for (int lane = 0; lane < LANES; lane++) {
            int group = lane >> 2;
            int within = lane % 4;
            for (int i = 0; i < elementsOfA; i++) {
                int row = k == 32 ? i < 4 || i >= 8 && i < 12 ? group : group + 8 : i < 4 ? group : group + 8;
                int column = k == 32 ? i < 8 ? within * 4 + (i & 3) : within * 4 + (i & 3) + 16 : within * 4 + (i & 3);
                a[row][column] = random.nextInt(256) - (signed ? 128 : 0);
                fa[(lane * elementsOfA + i) / 4] |= (a[row][column] & 255) << 8 * (i & 3);
            }
            for (int i = 0; i < elementsOfB; i++) {
                int row = i < 4 ? within * 4 + (i & 3) : within * 4 + (i & 3) + 16;
                b[row][group] = random.nextInt(256) - (signed ? 128 : 0);
                fb[(lane * elementsOfB + i) / 4] |= (b[row][group] & 255) << 8 * (i & 3);
            }
            for (int i = 0; i < 4; i++) {
                fc[lane * 4 + i] = random.nextInt();
            }
        }
        int[] d = run("mma.sync.aligned.m16n8k" + k + ".row.col.s32." + type + "." + type + ".s32", fa, fb, fc, 4);
        for (int n = 0; n < d.length; n++) {
            int sum = fc[n];
            for (int i = 0; i < k; i++) {
                sum += a[rowOfC(n / 4, n % 4)][i] * b[i][columnOfC(n / 4, n % 4)];
            }
            assertThat(d[n]).as("lane %d element %d", n / 4, n % 4).isEqualTo(sum);
        }
    }

    @Test
    void multipliesTensorFloats() {
        Random random = new Random(SEED);
        float[][] a = matrix(random, 16, 8);
        float[][] b = matrix(random, 8, 8);
        int[] fa = new int[LANES * 4];
        int[] fb = new int[LANES * 2];
        for (int lane = 0; lane < LANES; lane++) {
            int group = lane >> 2;
            int within = lane % 4;
            for (int i = 0; i < 4; i++) {
                fa[lane * 4 + i] = bits(a[i == 0 || i == 2 ? group : group + 8][i < 2 ? within : within + 4], "f32");
            }
            for (int i = 0; i < 2; i++) {
                fb[lane * 2 + i] = bits(b[i == 0 ? within : within + 4][group], "f32");
            }
        }
        int[] d = run("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32", fa, fb, new int[LANES * 4], 4);
        for (int n = 0; n < d.length; n++) {
            assertThat(Float.intBitsToFloat(d[n]))
                    .isEqualTo(expected(a, b, new float[16][8], rowOfC(n / 4, n % 4), columnOfC(n / 4, n % 4)));
        }
    }

    @ParameterizedTest
    @CsvSource({"1, false", "2, false", "4, false", "1, true", "2, true", "4, true"})
    void loadsMatrices(int count, boolean transposed) {
        Random random = new Random(SEED);
        short[] rows = new short[LANES * 8];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = (short) random.nextInt();
        }
        // Each lane puts a row of its own where the permutation says, and names it.
        String text = """
                .reg .b32 %d<4>, %t<4>; .reg .b64 %p<4>, %o<4>;
                .shared .align 16 .b8 tile[512];
                mov.u32 %t0, %laneid; ld.param.u64 %p0, [k0]; mul.wide.u32 %o0, %t0, 16; add.s64 %p0, %p0, %o0;
                ld.global.v4.b32 {%d0, %d1, %d2, %d3}, [%p0];
                mul.lo.u32 %t1, %t0, 5; and.b32 %t1, %t1, 31; shl.b32 %t1, %t1, 4; mov.u32 %t2, tile; add.u32 %t1, %t1, %t2;
                st.shared.v4.b32 [%t1], {%d0, %d1, %d2, %d3};
                bar.sync 0;
                mov.u32 %d0, 0; mov.u32 %d1, 0; mov.u32 %d2, 0; mov.u32 %d3, 0;
                ldmatrix.sync.aligned.m8n8.x%COUNT%TRANS.shared.b16 %GROUP, [%t1];
                ld.param.u64 %p1, [k1]; add.s64 %p1, %p1, %o0;
                st.global.v4.b32 [%p1], {%d0, %d1, %d2, %d3};
                ret;
                """.replace("%COUNT", "" + count).replace("%TRANS", transposed ? ".trans" : "").replace("%GROUP", group('d', count));
        try (TestGpu gpu = new TestGpu(TestGpu.kernel(".param .u64 k0, .param .u64 k1", text))) {
            long out = gpu.allocate(16 * LANES);
            gpu.run("k", 1, LANES, 0, gpu.upload(rows), out);
            int[] d = gpu.ints(out, 4 * LANES);
            for (int lane = 0; lane < LANES; lane++) {
                for (int m = 0; m < count; m++) {
                    int[] pair = new int[2];
                    for (int e = 0; e < 2; e++) {
                        int row = transposed ? 2 * (lane % 4) + e : lane / 4;
                        int column = transposed ? lane / 4 : 2 * (lane % 4) + e;
                        pair[e] = rows[(8 * m + row) * 8 + column] & 0xffff;
                    }
                    assertThat(d[4 * lane + m]).as("lane %d matrix %d", lane, m).isEqualTo(pair[0] | pair[1] << 16);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void multipliesTilesAsCompiled(int tilesOfK) {
        Random random = new Random(SEED);
        int m = 64;
        int n = 64;
        int k = 32 * tilesOfK;
        float[][] a = matrix(random, m, k);
        float[][] b = matrix(random, n, k);
        try (TestGpu gpu = new TestGpu(TestGpu.resource("tiles.ptx"))) {
            long c = gpu.allocate(4L * m * n);
            gpu.run("multiply_tiles", 1, 128, 4 * 64 * 32 * 2, gpu.upload(packed(a)), gpu.upload(packed(b)), c, k);
            float[] got = gpu.floats(c, m * n);
            for (int i = 0; i < m * n; i++) {
                float sum = 0;
                for (int j = 0; j < k; j++) {
                    sum += a[i / n][j] * b[i % n][j];
                }
                assertThat(got[i]).as("row %d column %d", i / n, i % n).isEqualTo(sum);
            }
            LaunchStatistics statistics = gpu.statistics.getFirst();
            assertThat(statistics.bytesRead()).isEqualTo(2L * (m + n) * k);
            assertThat(statistics.bytesWritten()).isEqualTo(4L * m * n);
        }
    }

    private static short[] packed(float[][] matrix) {
        short[] packed = new short[matrix.length * matrix[0].length];
        for (int i = 0; i < packed.length; i++) {
            packed[i] = (short) bits(matrix[i / matrix[0].length][i % matrix[0].length], "bf16");
        }
        return packed;
    }

    @Test
    void needsTheWholeWarp() {
        String instruction = "mma.sync.aligned.m16n8k8.row.col.f32.f16.f16.f32 " + group('d', 4) + ", " + group('a', 2)
                + ", "
                + group('b', 1) + ", " + group('c', 4) + ";";
        try (TestGpu gpu = new TestGpu(kernel(instruction, 2, 1, 4, 4))) {
            long zeros = gpu.upload(new int[4 * LANES]);
            assertThatThrownBy(() -> gpu.run("k", 1, 24, 0, zeros, zeros, zeros,
                    zeros)).isInstanceOf(GpuException.class)
                    .hasMessageContaining("needs 32 threads, not 24");
        }
    }
}
