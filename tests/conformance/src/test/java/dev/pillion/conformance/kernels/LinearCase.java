package dev.pillion.conformance.kernels;

import dev.pillion.kernels.LinearGeometry;
import dev.pillion.kernels.LinearKernel;
import dev.pillion.kernels.LinearWeight;
import dev.pillion.model.TensorType;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** A random product: {@code rows} activations times a packed weight, with a bias or without. */
final class LinearCase {
    private final PackedMatrix weight;
    private final Element element;
    private final LinearGeometry geometry;
    private final int rows;
    private final int outputs;
    private final int columns;
    private final float[] x;
    private final float @Nullable [] bias;
    private final int seed;

    LinearCase(TensorType type, Element element, int rows, int outputs, int mostColumns, SplittableRandom random, int seed) {
        this.element = element;
        this.rows = rows;
        this.outputs = outputs;
        this.seed = seed;
        columns = columns(type, mostColumns, random);
        weight = new PackedMatrix(type, outputs, columns, random);
        geometry = new LinearGeometry(LinearWeight.of(weight.suffix()), element.suffix());
        double square = 0;
        for (float value : weight.values) {
            square += (double) value * value;
        }
        // Results of about one, so that errors relative to them can be told.
        double deviation = Math.sqrt(weight.values.length / Math.max(square, 1e-12) / columns);
        x = element.round(Cases.normal(random, rows * columns, deviation));
        bias = random.nextBoolean() ? Cases.normal(random, outputs, 1) : null;
    }

    /** Whole blocks; for plain types also rows that end within a vector. */
    private static int columns(TensorType type, int most, SplittableRandom random) {
        int block = type.blockLength();
        if (block > 1) {
            return block * (1 + random.nextInt(most / block));
        }
        return switch (random.nextInt(3)) {
            case 0 -> 8 * (1 + random.nextInt(most / 8));
            case 1 -> 64 * (1 + random.nextInt(most / 64));
            default -> 1 + random.nextInt(Math.min(most, 300));
        };
    }

    /** Runs a kernel on the first rows. */
    float[] run(GpuUnderTest gpu, LinearKernel kernel, int firstRows) {
        Element result = result(kernel);
        try (KernelRun run = new KernelRun(gpu)) {
            KernelRun.Output out = run.output((long) firstRows * outputs * result.bytes);
            run.launch(geometry.module(), geometry.entry(kernel),
                    launch -> {
                        gpu.context().allowSharedBytes(launch.function(), geometry.mostSharedBytes(kernel));
                        return geometry.set(launch, kernel, firstRows, outputs);
                    },
                    run.input(weight.main()),
                    weight.isSplit() ? run.input(weight.scales()) : 0L,
                    bias == null ? 0L : run.input(bias),
                    run.input(element.encode(Arrays.copyOf(x, firstRows * columns))),
                    out, firstRows, outputs, columns);
            return run.read(out, result);
        }
    }

    private Element result(LinearKernel kernel) {
        return kernel == LinearKernel.GEMV_F32 || kernel == LinearKernel.GEMM_F32 ? Element.F32 : element;
    }

    /** Runs a kernel on all rows and compares. */
    void check(GpuUnderTest gpu, LinearKernel kernel) {
        float[] baseline = new float[rows * outputs];
        double[] exact = new double[rows * outputs];
        float[] rounded = element.round(weight.values.clone());
        for (int row = 0; row < rows; row++) {
            for (int output = 0; output < outputs; output++) {
                int at = row * outputs + output;
                float added = bias == null ? 0 : bias[output];
                float sum = 0;
                double exactSum = 0;
                for (int k = 0; k < columns; k++) {
                    sum += rounded[output * columns + k] * x[row * columns + k];
                    exactSum += (double) weight.values[output * columns + k] * x[row * columns + k];
                }
                baseline[at] = sum + added;
                exact[at] = exactSum + added;
            }
        }
        Tolerance.check(geometry.entry(kernel) + ", " + this, run(gpu, kernel, rows), result(kernel).round(baseline),
                exact);
    }

    @Override
    public String toString() {
        return rows + " rows, " + outputs + " outputs, " + columns + " columns, " + (bias == null ? "no bias, " : "bias, ")
                + Cases.describe(seed);
    }
}
