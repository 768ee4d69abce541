package dev.pillion.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pillion.model.Tensor;
import dev.pillion.model.TensorType;
import dev.pillion.model.quant.Dequantizer;
import dev.pillion.spi.DeviceTensor;
import dev.pillion.spi.Weight;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class LinearTest {
    /** Error allowed relative to the sum of the products' magnitudes. */
    private static final double TOLERANCE = 1e-5;

    static Stream<Arguments> kernelsAndTypes() {
        return KernelSets.all()
                .flatMap(kernels -> Dequantizer.types().stream().map(type -> Arguments.of(kernels, type)));
    }

    @ParameterizedTest
    @MethodSource("kernelsAndTypes")
    void multipliesLikeDoublePrecision(Kernels kernels, TensorType type) {
        SplittableRandom random = Seed.random();
        for (int trial = 0; trial < 6; trial++) {
            int rows = 1 + random.nextInt(70);
            int columns = columns(type, random);
            int tokens = 1 + random.nextInt(trial == 0 ? 1 : 40);
            Tensor tensor = RandomTensors.matrix(type, rows, columns, random);
            Tensor bias = RandomTensors.vector(rows, random);
            float[] x = RandomTensors.floats(tokens * columns, random);

            float[] actual = multiply(kernels, 2, tensor, bias, x, tokens);

            float[] w = decoded(tensor);
            float[] b = decoded(bias);
            for (int t = 0; t < tokens; t++) {
                for (int r = 0; r < rows; r++) {
                    double sum = b[r];
                    double magnitude = Math.abs(b[r]);
                    for (int i = 0; i < columns; i++) {
                        double product = (double) w[r * columns + i] * x[t * columns + i];
                        sum += product;
                        magnitude += Math.abs(product);
                    }
                    assertThat(Math.abs(actual[t * rows + r] - sum))
                            .as(Seed.message(rows + "x" + columns + ", row " + r + " of token " + t + " of " + tokens))
                            .isLessThanOrEqualTo(TOLERANCE * magnitude);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("kernelsAndTypes")
    void givesATokenTheSameBitsInEveryBatchAndWithAnyThreads(Kernels kernels, TensorType type) {
        SplittableRandom random = Seed.random();
        int rows = 45;
        int columns = 2 * columns(type, random);
        int tokens = 70;
        Tensor tensor = RandomTensors.matrix(type, rows, columns, random);
        Tensor bias = RandomTensors.vector(rows, random);
        float[] x = RandomTensors.floats(tokens * columns, random);
        float[] all = multiply(kernels, 1, tensor, bias, x, tokens);
        for (int threads = 1; threads <= 4; threads++) {
            try (CpuBackend backend = new CpuBackend(kernels, threads)) {
                Weight w = backend.weight(tensor);
                Weight b = backend.weight(bias);
                Steps.begin(backend, 0);
                for (int count : new int[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17, 31, 33, 64, 69, 70}) {
                    int first = random.nextInt(tokens - count + 1);
                    float[] part = Arrays.copyOfRange(x, first * columns, (first + count) * columns);
                    DeviceTensor in = Steps.tensor(backend, count, columns, part);
                    DeviceTensor out = backend.allocate(count, rows);
                    backend.linear(in, w, b, out, count);
                    Bits.assertSame(
                            Seed.message(type + ", " + count + " tokens from " + first + ", " + threads + " threads"),
                            Steps.rows(backend, out, count),
                            Arrays.copyOfRange(all, first * rows, (first + count) * rows));
                }
            }
        }
    }

    @Test
    void vectorKernelsWidenLikeTheSpecification() {
        SplittableRandom random = Seed.random();
        for (TensorType type : Dequantizer.types()) {
            int columns = 3 * columns(type, random);
            Tensor tensor = RandomTensors.matrix(type, 3, columns, random);
            try (CpuBackend backend = new CpuBackend(KernelSets.CHOSEN, 1)) {
                CpuWeight weight = (CpuWeight) backend.weight(tensor);
                float[] widened = new float[CpuTensor.paddedColumns(columns)];
                for (int row = 0; row < 3; row++) {
                    KernelSets.CHOSEN.widen(weight, row, widened, 0);
                    float[] expected = Arrays.copyOfRange(decoded(tensor), row * columns, (row + 1) * columns);
                    Bits.assertSame(Seed.message(type + " row " + row), Arrays.copyOf(widened, columns), expected);
                }
            }
        }
    }

    /** Plain types of any width, block types of some blocks. */
    private static int columns(TensorType type, SplittableRandom random) {
        return type.isBlocked() ? type.blockLength() * (1 + random.nextInt(3)) : 1 + random.nextInt(300);
    }

    private static float[] decoded(Tensor tensor) {
        float[] values = new float[(int) tensor.elements()];
        Dequantizer.of(tensor.type()).decode(tensor.data(), 0, values, 0, values.length);
        return values;
    }

    private static float[] multiply(Kernels kernels, int threads, Tensor w, Tensor bias, float[] x, int tokens) {
        try (CpuBackend backend = new CpuBackend(kernels, threads)) {
            DeviceTensor in = Steps.tensor(backend, tokens, (int) w.columns(), x);
            DeviceTensor out = backend.allocate(tokens, (int) w.rows());
            Weight weight = backend.weight(w);
            Weight biasWeight = backend.weight(bias);
            Steps.begin(backend, 0);
            backend.linear(in, weight, biasWeight, out, tokens);
            return Steps.rows(backend, out, tokens);
        }
    }
}
