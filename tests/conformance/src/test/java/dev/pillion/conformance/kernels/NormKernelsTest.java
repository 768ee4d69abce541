package dev.pillion.conformance.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pillion.kernels.RowsGeometry;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The kernels of {@code norm.cu}. */
class NormKernelsTest {
    private static final int CASES = 12;
    private static final float EPSILON = 1e-5f;

    private static GpuUnderTest gpu;

    @BeforeAll
    static void open() {
        gpu = GpuUnderTest.open();
    }

    @AfterAll
    static void close() {
        gpu.close();
    }

    /** The long row of the first case is more than a block holds in registers. */
    private static int columns(int number, Element element, SplittableRandom random) {
        return number == 0 ? 2 * 1024 * 16 / element.bytes + 5 : Cases.columns(random);
    }

    @ParameterizedTest
    @EnumSource
    void rmsNorm(Element element) {
        for (int number = 0; number < CASES; number++) {
            SplittableRandom random = Cases.random(number);
            int rows = 1 + random.nextInt(4);
            int columns = columns(number, element, random);
            float[] x = element.round(Cases.normal(random, rows * columns, 3));
            float[] gain = Cases.normal(random, columns, 1);
            boolean inPlace = random.nextBoolean();
            try (KernelRun run = new KernelRun(gpu)) {
                KernelRun.Output out = run.inOut(element.encode(x));
                long in = inPlace ? out.address() : run.input(element.encode(x));
                run.launch("rows_" + element.suffix(), "rms_norm_" + element.suffix(),
                        launch -> new RowsGeometry(element.bytes).norm(launch, rows, columns),
                        in, run.input(gain), EPSILON, out, rows, columns);
                check("rms_norm " + element + ", " + rows + " x " + columns + ", " + Cases.describe(number),
                        run.read(out, element), element, x, gain, new float[columns], columns, false);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void addRmsNorm(Element element) {
        for (int number = 0; number < CASES; number++) {
            SplittableRandom random = Cases.random(100 + number);
            int rows = 1 + random.nextInt(4);
            int columns = columns(number, element, random);
            float[] residual = element.round(Cases.normal(random, rows * columns, 3));
            float[] delta = element.round(Cases.normal(random, rows * columns, 1));
            float[] gain = Cases.normal(random, columns, 1);
            float[] sum = new float[rows * columns];
            for (int i = 0; i < sum.length; i++) {
                sum[i] = element.round(residual[i] + delta[i]);
            }
            try (KernelRun run = new KernelRun(gpu)) {
                KernelRun.Output residualOut = run.inOut(element.encode(residual));
                KernelRun.Output out = run.output((long) rows * columns * element.bytes);
                run.launch("rows_" + element.suffix(), "add_rms_norm_" + element.suffix(),
                        launch -> new RowsGeometry(element.bytes).norm(launch, rows, columns),
                        residualOut, run.input(element.encode(delta)), run.input(gain), EPSILON, out, rows, columns);
                String what = "add_rms_norm " + element + ", " + rows + " x " + columns + ", " + Cases.describe(100 + number);
                assertThat(run.read(residualOut, element)).as(what).isEqualTo(sum);
                check(what, run.read(out, element), element, sum, gain, new float[columns], columns, false);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void layerNorm(Element element) {
        for (int number = 0; number < CASES; number++) {
            SplittableRandom random = Cases.random(200 + number);
            int rows = 1 + random.nextInt(4);
            int columns = columns(number, element, random);
            float[] x = Cases.normal(random, rows * columns, 3);
            for (int i = 0; i < x.length; i++) {
                x[i] = element.round(x[i] + 2);
            }
            float[] gain = Cases.normal(random, columns, 1);
            float[] bias = Cases.normal(random, columns, 1);
            try (KernelRun run = new KernelRun(gpu)) {
                KernelRun.Output out = run.output((long) rows * columns * element.bytes);
                run.launch("rows_" + element.suffix(), "layer_norm_" + element.suffix(),
                        launch -> new RowsGeometry(element.bytes).norm(launch, rows, columns),
                        run.input(element.encode(x)), run.input(gain), run.input(bias), EPSILON, out, rows, columns);
                check("layer_norm " + element + ", " + rows + " x " + columns + ", " + Cases.describe(200 + number),
                        run.read(out, element), element, x, gain, bias, columns, true);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void headNorm(Element element) {
        int[] headDims = {128, 64, 96, 5, 256, 80, 33, 520};
        for (int number = 0; number < headDims.length; number++) {
            SplittableRandom random = Cases.random(300 + number);
            int rows = 1 + random.nextInt(3);
            int heads = 1 + random.nextInt(9);
            int headDim = headDims[number];
            float[] x = element.round(Cases.normal(random, rows * heads * headDim, 3));
            float[] gain = Cases.normal(random, headDim, 1);
            try (KernelRun run = new KernelRun(gpu)) {
                KernelRun.Output out = run.inOut(element.encode(x));
                run.launch("rows_" + element.suffix(), "head_norm_" + element.suffix(),
                        launch -> new RowsGeometry(element.bytes).headNorm(launch, rows, heads),
                        out, run.input(gain), EPSILON, rows, heads, headDim);
                check("head_norm " + element + ", " + rows + " x " + heads + " x " + headDim + ", "
                        + Cases.describe(300 + number),
                        run.read(out, element), element, x, gain, new float[headDim], headDim, false);
            }
        }
    }

    /** Compares with the norm of each {@code length} elements of {@code x}, with their mean subtracted or not. */
    private static void check(
            String what, float[] actual, Element element, float[] x, float[] gain, float[] bias, int length,
            boolean centred) {
        double[] exact = new double[x.length];
        float[] baseline = new float[x.length];
        for (int start = 0; start < x.length; start += length) {
            double mean = 0;
            for (int i = 0; centred && i < length; i++) {
                mean += (double) x[start + i] / length;
            }
            double squares = 0;
            float plainSquares = 0;
            for (int i = 0; i < length; i++) {
                squares += (x[start + i] - mean) * (x[start + i] - mean);
                float distance = x[start + i] - (float) mean;
                plainSquares += distance * distance;
            }
            double factor = 1 / Math.sqrt(squares / length + EPSILON);
            float plainFactor = 1 / (float) Math.sqrt(plainSquares / length + EPSILON);
            for (int i = 0; i < length; i++) {
                exact[start + i] = (x[start + i] - mean) * factor * gain[i] + bias[i];
                baseline[start + i] =
                        element.round((x[start + i] - (float) mean) * plainFactor * gain[i] + bias[i]);
            }
        }
        Tolerance.check(what, actual, baseline, exact);
    }
}
