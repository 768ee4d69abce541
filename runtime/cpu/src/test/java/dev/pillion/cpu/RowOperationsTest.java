package dev.pillion.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.pillion.model.Tensor;
import dev.pillion.model.TensorType;
import dev.pillion.model.quant.Dequantizer;
import dev.pillion.spi.Activation;
import dev.pillion.spi.DeviceTensor;
import dev.pillion.spi.StepBatch;
import dev.pillion.spi.Weight;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RowOperationsTest {
    private static final float EPSILON = 1e-5f;

    @ParameterizedTest
    @MethodSource("dev.pillion.cpu.KernelSets#all")
    void normalises(Kernels kernels) {
        SplittableRandom random = Seed.random();
        for (int columns : new int[] {1, 5, 16, 33, 64, 300, 4096}) {
            try (CpuBackend backend = new CpuBackend(kernels, 2)) {
                int rows = 7;
                float[] x = RandomTensors.floats(rows * columns, random);
                float[] delta = RandomTensors.floats(rows * columns, random);
                Tensor gain = RandomTensors.vector(columns, random);
                Weight weight = backend.weight(gain);
                DeviceTensor residual = Steps.tensor(backend, rows, columns, x);
                DeviceTensor added = Steps.tensor(backend, rows, columns, delta);
                DeviceTensor out = backend.allocate(rows, columns);
                Steps.begin(backend, new int[rows]);

                backend.rmsNorm(residual, weight, EPSILON, out, rows);
                float[] g = ((CpuWeight) weight).vector();
                for (int row = 0; row < rows; row++) {
                    assertNormalised(x, row * columns, g, columns, Steps.row(backend, out, row), 0);
                }

                backend.addRmsNorm(residual, added, weight, EPSILON, out);
                for (int i = 0; i < x.length; i++) {
                    x[i] += delta[i];
                }
                Bits.assertSame(Seed.message("residual"), Steps.rows(backend, residual, rows), x);
                for (int row = 0; row < rows; row++) {
                    assertNormalised(x, row * columns, g, columns, Steps.row(backend, out, row), 0);
                }

                backend.add(residual, added);
                for (int i = 0; i < x.length; i++) {
                    x[i] += delta[i];
                }
                Bits.assertSame(Seed.message("sum"), Steps.rows(backend, residual, rows), x);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("dev.pillion.cpu.KernelSets#all")
    void normalisesHeads(Kernels kernels) {
        SplittableRandom random = Seed.random();
        for (int headDim : new int[] {4, 20, 64, 128}) {
            try (CpuBackend backend = new CpuBackend(kernels, 1)) {
                int heads = 3;
                float[] x = RandomTensors.floats(2 * heads * headDim, random);
                Weight gain = backend.weight(RandomTensors.vector(headDim, random));
                DeviceTensor tensor = Steps.tensor(backend, 2, heads * headDim, x);
                Steps.begin(backend, 0, 0);
                backend.headNorm(tensor, heads, gain, EPSILON);
                float[] actual = Steps.rows(backend, tensor, 2);
                for (int head = 0; head < 2 * heads; head++) {
                    assertNormalised(x, head * headDim, ((CpuWeight) gain).vector(), headDim, actual, head * headDim);
                }
            }
        }
    }

    private static void assertNormalised(
            float[] x, int start, float[] gain, int length, float[] actual, int actualStart) {
        double sum = 0;
        for (int i = 0; i < length; i++) {
            sum += (double) x[start + i] * x[start + i];
        }
        double factor = 1 / Math.sqrt(sum / length + EPSILON);
        for (int i = 0; i < length; i++) {
            double expected = x[start + i] * factor * gain[i];
            assertThat((double) actual[actualStart + i])
                    .as(Seed.message("element " + i + " of " + length))
                    .isCloseTo(expected, within(1e-6 + 2e-6 * Math.abs(expected)));
        }
    }

    @ParameterizedTest
    @MethodSource("dev.pillion.cpu.KernelSets#all")
    void gates(Kernels kernels) {
        SplittableRandom random = Seed.random();
        for (int columns : new int[] {1, 15, 16, 100, 5000}) {
            try (CpuBackend backend = new CpuBackend(kernels, 3)) {
                float[] gate = RandomTensors.floats(4 * columns, random);
                for (int i = 0; i < gate.length; i++) {
                    gate[i] *= 1 << random.nextInt(8);
                }
                float[] up = RandomTensors.floats(4 * columns, random);
                DeviceTensor in = Steps.tensor(backend, 4, columns, gate);
                Steps.begin(backend, 0, 0, 0, 0);
                backend.gatedActivation(Activation.SILU, in, Steps.tensor(backend, 4, columns, up), in);
                float[] actual = Steps.rows(backend, in, 4);
                for (int i = 0; i < gate.length; i++) {
                    double expected = gate[i] / (1 + Math.exp(-gate[i])) * up[i];
                    assertThat((double) actual[i])
                            .as(Seed.message("silu(" + gate[i] + ") * " + up[i]))
                            .isCloseTo(expected, within(1e-30 + 5e-7 * Math.abs(expected)));
                }
            }
        }
    }

    /** An element's result may not depend on its lane, nor on its place among the vectors. */
    @ParameterizedTest
    @MethodSource("dev.pillion.cpu.KernelSets#all")
    void gatesAnElementTheSameInEveryPlace(Kernels kernels) {
        float[] values = RandomTensors.floats(40, Seed.random());
        float[] ones = new float[80];
        Arrays.fill(ones, 1);
        for (float value : values) {
            float[] gate = new float[80];
            Arrays.fill(gate, value);
            kernels.siluTimes(gate, 0, ones, 0, gate, 0, gate.length, new float[48]);
            float[] first = new float[80];
            Arrays.fill(first, gate[0]);
            Bits.assertSame(Seed.message("silu of " + value), gate, first);
        }
    }

    @ParameterizedTest
    @MethodSource("dev.pillion.cpu.KernelSets#all")
    void embedsTokensOfEveryType(Kernels kernels) {
        SplittableRandom random = Seed.random();
        for (TensorType type : Dequantizer.types()) {
            int columns = type.isBlocked() ? 2 * type.blockLength() : 77;
            Tensor table = RandomTensors.matrix(type, 11, columns, random);
            float[] decoded = new float[11 * columns];
            Dequantizer.of(type).decode(table.data(), 0, decoded, 0, decoded.length);
            try (CpuBackend backend = new CpuBackend(kernels, 2)) {
                int[] tokens = {10, 0, 3, 3, 7};
                DeviceTensor out = backend.allocate(tokens.length, columns);
                Weight weight = backend.weight(table);
                Steps.begin(backend, tokens);
                backend.embed(weight, out);
                for (int t = 0; t < tokens.length; t++) {
                    float[] expected = Arrays.copyOfRange(decoded, tokens[t] * columns, (tokens[t] + 1) * columns);
                    Bits.assertSame(Seed.message(type + " token " + tokens[t]), Steps.row(backend, out, t), expected);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("dev.pillion.cpu.KernelSets#all")
    void gathersTheRowsWhoseLogitsAreWanted(Kernels kernels) {
        try (CpuBackend backend = new CpuBackend(kernels, 1)) {
            float[] x = RandomTensors.floats(4 * 5, Seed.random());
            DeviceTensor in = Steps.tensor(backend, 4, 5, x);
            DeviceTensor out = backend.allocate(2, 5);
            StepBatch batch = Steps.begin(backend, 0, 0, 0, 0);
            batch.wantLogits(1);
            batch.wantLogits(3);
            backend.gatherLogitRows(in, out);
            Bits.assertSame("first", Steps.row(backend, out, 0), Arrays.copyOfRange(x, 5, 10));
            Bits.assertSame("second", Steps.row(backend, out, 1), Arrays.copyOfRange(x, 15, 20));
        }
    }
}
