package dev.pillion.cpu;

import dev.pillion.model.Tensor;
import dev.pillion.model.TensorType;
import dev.pillion.model.quant.Dequantizer;
import dev.pillion.spi.AttentionSpec;
import dev.pillion.spi.Backend;
import dev.pillion.spi.BackendOptions;
import dev.pillion.spi.DeviceTensor;
import dev.pillion.spi.Weight;
import java.util.SplittableRandom;

/**
 * Run in a JVM of its own with other flags: opens the backend twice, computes with every type and prints which kernels
 * did it and how far the results are from the scalar ones.
 */
final class KernelProbe {
    private KernelProbe() {}

    /** Prints {@code kernels=...} and {@code error=...}. */
    public static void main(String[] arguments) {
        BackendOptions options = new BackendOptions(2, 0, false);
        new CpuBackendProvider().open(options).close();
        try (Backend backend = new CpuBackendProvider().open(options)) {
            System.out.println("kernels=" + backend.description());
        }
        Kernels kernels = KernelSelection.choose(false);
        System.out.println("error=" + Math.max(linearError(kernels), attentionError(kernels)));
    }

    private static double linearError(Kernels kernels) {
        SplittableRandom random = Seed.random();
        double largest = 0;
        for (TensorType type : Dequantizer.types()) {
            int columns = type.isBlocked() ? 2 * type.blockLength() : 100;
            Tensor tensor = RandomTensors.matrix(type, 11, columns, random);
            float[] x = RandomTensors.floats(5 * columns, random);
            for (int tokens : new int[] {1, 5}) {
                float[] expected = multiply(new ScalarKernels(), tensor, x, tokens);
                float[] actual = multiply(kernels, tensor, x, tokens);
                double norm = 0;
                double difference = 0;
                for (int i = 0; i < expected.length; i++) {
                    norm = Math.max(norm, Math.abs(expected[i]));
                    difference = Math.max(difference, Math.abs(expected[i] - actual[i]));
                }
                largest = Math.max(largest, difference / norm);
            }
        }
        return largest;
    }

    private static float[] multiply(Kernels kernels, Tensor tensor, float[] x, int tokens) {
        try (CpuBackend backend = new CpuBackend(kernels, 2)) {
            Weight w = backend.weight(tensor);
            DeviceTensor in = Steps.tensor(backend, tokens, w.columns(), x);
            DeviceTensor out = backend.allocate(tokens, w.rows());
            Steps.begin(backend, 0);
            backend.linear(in, w, null, out, tokens);
            return Steps.rows(backend, out, tokens);
        }
    }

    private static double attentionError(Kernels kernels) {
        AttentionSpec spec = new AttentionSpec(1, 6, 2, 20, 0.2f, AttentionSpec.NO_WINDOW);
        try (AttentionRun run = new AttentionRun(kernels, 2, spec, TensorType.F16, 16, 0, 1, 150);
                AttentionRun scalar = new AttentionRun(new ScalarKernels(), 1, spec, TensorType.F16, 16, 0, 1, 150)) {
            float[] actual = run.prefill(0, 40).out[0];
            float[] expected = scalar.prefill(0, 40).out[0];
            double largest = 0;
            for (int i = 0; i < expected.length; i++) {
                largest = Math.max(largest, Math.abs(expected[i] - actual[i]));
            }
            return largest;
        }
    }
}
