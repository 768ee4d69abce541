package dev.pillion.conformance.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pillion.kernels.RowsGeometry;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The kernels of {@code activation.cu}, {@code add.cu}, {@code gather.cu} and {@code widen.cu}. */
class FlatKernelsTest {
    private static final int CASES = 8;

    private static GpuUnderTest gpu;

    @BeforeAll
    static void open() {
        gpu = GpuUnderTest.open();
    }

    @AfterAll
    static void close() {
        gpu.close();
    }

    private static int count(SplittableRandom random) {
        return random.nextBoolean() ? 1 + random.nextInt(5000) : 16 * (1 + random.nextInt(300));
    }

    @ParameterizedTest
    @EnumSource
    void gatedSilu(Element element) {
        gated("gated_silu_", element, g -> g / (1 + Math.exp(-g)));
    }

    @ParameterizedTest
    @EnumSource
    void gatedGelu(Element element) {
        gated("gated_gelu_", element,
                g -> g / 2 * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (g + 0.044715 * g * g * g))));
    }

    private static void gated(String kernel, Element element, DoubleUnaryOperator activation) {
        for (int number = 0; number < CASES; number++) {
            SplittableRandom random = Cases.random(number);
            int count = count(random);
            float[] gate = Cases.normal(random, count, 4);
            // Where exponentials leave the range of f32.
            gate[0] = -200;
            gate[count - 1] = 200;
            element.round(gate);
            float[] up = element.round(Cases.normal(random, count, 1));
            double[] exact = new double[count];
            float[] baseline = new float[count];
            for (int i = 0; i < count; i++) {
                exact[i] = activation.applyAsDouble(gate[i]) * up[i];
                baseline[i] = element.round((float) activation.applyAsDouble(gate[i]) * up[i]);
            }
            try (KernelRun run = new KernelRun(gpu)) {
                // The result may replace the gate.
                KernelRun.Output out = run.inOut(element.encode(gate));
                run.launch("rows_" + element.suffix(), kernel + element.suffix(),
                        launch -> new RowsGeometry(element.bytes).flat(launch, count),
                        out, run.input(element.encode(up)), out, (long) count);
                Tolerance.check(kernel + element + ", " + count + " elements, " + Cases.describe(number),
                        run.read(out, element), baseline, exact);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void add(Element element) {
        for (int number = 0; number < CASES; number++) {
            SplittableRandom random = Cases.random(100 + number);
            int count = count(random);
            float[] residual = element.round(Cases.normal(random, count, 3));
            float[] delta = element.round(Cases.normal(random, count, 1));
            float[] sum = new float[count];
            for (int i = 0; i < count; i++) {
                sum[i] = element.round(residual[i] + delta[i]);
            }
            try (KernelRun run = new KernelRun(gpu)) {
                KernelRun.Output out = run.inOut(element.encode(residual));
                run.launch("rows_" + element.suffix(), "add_" + element.suffix(),
                        launch -> new RowsGeometry(element.bytes).flat(launch, count),
                        out, run.input(element.encode(delta)), (long) count);
                assertThat(run.read(out, element)).as(Cases.describe(100 + number)).isEqualTo(sum);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void addBias(Element element) {
        for (int number = 0; number < CASES; number++) {
            SplittableRandom random = Cases.random(200 + number);
            int rows = 1 + random.nextInt(4);
            int columns = number == 0 ? 4111 : Cases.columns(random);
            float[] x = element.round(Cases.normal(random, rows * columns, 3));
            float[] bias = Cases.normal(random, columns, 1);
            float[] sum = new float[rows * columns];
            for (int i = 0; i < sum.length; i++) {
                sum[i] = element.round(x[i] + bias[i % columns]);
            }
            try (KernelRun run = new KernelRun(gpu)) {
                KernelRun.Output out = run.inOut(element.encode(x));
                run.launch("rows_" + element.suffix(), "add_bias_" + element.suffix(),
                        launch -> new RowsGeometry(element.bytes).addBias(launch, rows, columns),
                        out, run.input(bias), rows, columns);
                assertThat(run.read(out, element)).as(Cases.describe(200 + number)).isEqualTo(sum);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void toF32(Element element) {
        for (int number = 0; number < CASES; number++) {
            SplittableRandom random = Cases.random(300 + number);
            int count = count(random);
            float[] in = element.round(Cases.normal(random, count, 3));
            try (KernelRun run = new KernelRun(gpu)) {
                KernelRun.Output out = run.output(4L * count);
                run.launch("rows_" + element.suffix(), "to_f32_" + element.suffix(),
                        launch -> new RowsGeometry(element.bytes).flat(launch, count),
                        run.input(element.encode(in)), out, (long) count);
                assertThat(run.read(out, Element.F32)).as(Cases.describe(300 + number)).isEqualTo(in);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void gatherAndScatterRows(Element element) {
        for (int number = 0; number < CASES; number++) {
            SplittableRandom random = Cases.random(400 + number);
            int columns = number == 0 ? 2500 : Cases.columns(random);
            int rows = 2 + random.nextInt(8);
            float[] in = element.round(Cases.normal(random, rows * columns, 3));
            // Every third row or so is padding; the others are in a random order, each once.
            int[] picked = random.ints(0, rows).distinct().limit(1 + random.nextInt(rows)).toArray();
            for (int i = 0; i < picked.length; i++) {
                picked[i] = random.nextInt(3) == 0 ? -1 : picked[i];
            }
            float[] gathered = Cases.normal(random, picked.length * columns, 1);
            float[] scattered = in.clone();
            element.round(gathered);
            float[] untouched = gathered.clone();
            for (int i = 0; i < picked.length; i++) {
                if (picked[i] >= 0) {
                    System.arraycopy(in, picked[i] * columns, gathered, i * columns, columns);
                    System.arraycopy(untouched, i * columns, scattered, picked[i] * columns, columns);
                }
            }
            try (KernelRun run = new KernelRun(gpu)) {
                KernelRun.Output gather = run.inOut(element.encode(untouched));
                KernelRun.Output scatter = run.inOut(element.encode(in));
                long indices = run.input(picked);
                RowsGeometry geometry = new RowsGeometry(element.bytes);
                run.launch("rows_" + element.suffix(), "gather_rows_" + element.suffix(),
                        launch -> geometry.rows(launch, picked.length),
                        run.input(element.encode(in)), indices, gather, picked.length, columns);
                run.launch("rows_" + element.suffix(), "scatter_rows_" + element.suffix(),
                        launch -> geometry.rows(launch, picked.length),
                        run.input(element.encode(untouched)), indices, scatter, picked.length, columns);
                String what = Arrays.toString(picked) + " of " + columns + " columns, " + Cases.describe(400 + number);
                assertThat(run.read(gather, element)).as("gather %s", what).isEqualTo(gathered);
                assertThat(run.read(scatter, element)).as("scatter %s", what).isEqualTo(scattered);
            }
        }
    }
}
