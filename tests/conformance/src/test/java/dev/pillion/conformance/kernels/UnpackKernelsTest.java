package dev.pillion.conformance.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pillion.kernels.RowsGeometry;
import dev.pillion.model.TensorType;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** {@code embed_<w>}, {@code dequantize_<w>} and {@code split_blocks}: exactly what the decoders give, rounded once. */
class UnpackKernelsTest {
    private static final int CASES = 3;

    private static GpuUnderTest gpu;

    @BeforeAll
    static void open() {
        gpu = GpuUnderTest.open();
    }

    @AfterAll
    static void close() {
        gpu.close();
    }

    @ParameterizedTest
    @EnumSource
    void embedsAndDequantizes(Element element) {
        for (TensorType type : PackedMatrix.TYPES) {
            for (int number = 0; number < CASES; number++) {
                SplittableRandom random = Cases.random(10 * type.ordinal() + number);
                PackedMatrix matrix =
                        new PackedMatrix(type, 1 + random.nextInt(9), PackedMatrix.columns(type, random), random);
                String what = type + " to " + element + ", " + matrix.rows + " x " + matrix.columns + ", "
                        + Cases.describe(10 * type.ordinal() + number);
                try (KernelRun run = new KernelRun(gpu)) {
                    long main = run.input(matrix.main());
                    long scales = matrix.isSplit() ? run.input(matrix.scales()) : 0L;
                    embed(what, run, matrix, main, scales, element, random);
                    dequantize(what, run, matrix, main, scales, element);
                }
            }
        }
    }

    private static void embed(
            String what, KernelRun run, PackedMatrix matrix, long main, long scales, Element element,
            SplittableRandom random) {
        int columns = matrix.columns;
        // One token of each kind of padding among the others.
        int[] tokens = random.ints(3 + random.nextInt(4), 0, matrix.rows).toArray();
        tokens[0] = -1;
        tokens[1] = matrix.rows;
        float[] expected = new float[tokens.length * columns];
        for (int i = 2; i < tokens.length; i++) {
            System.arraycopy(matrix.values, tokens[i] * columns, expected, i * columns, columns);
        }
        KernelRun.Output out = run.output((long) expected.length * element.bytes);
        run.launch("rows_" + element.suffix(), "embed_" + matrix.suffix() + "_" + element.suffix(),
                launch -> new RowsGeometry(element.bytes).rows(launch, tokens.length),
                main, scales, run.input(tokens), out, tokens.length, columns, matrix.rows);
        assertThat(run.read(out, element)).as("embed %s", what).isEqualTo(element.round(expected));
    }

    private static void dequantize(
            String what, KernelRun run, PackedMatrix matrix, long main, long scales, Element element) {
        KernelRun.Output out = run.output((long) matrix.values.length * element.bytes);
        run.launch("rows_" + element.suffix(), "dequantize_" + matrix.suffix() + "_" + element.suffix(),
                launch -> new RowsGeometry(element.bytes).dequantize(launch, matrix.rows, matrix.columns),
                main, scales, out, (long) matrix.rows, matrix.columns);
        assertThat(run.read(out, element)).as("dequantize %s", what).isEqualTo(element.round(matrix.values.clone()));
    }

    @Test
    void splitsBlocks() {
        for (TensorType type : new TensorType[] {TensorType.Q8_0, TensorType.Q4_0, TensorType.Q6_K}) {
            SplittableRandom random = Cases.random(type.ordinal());
            PackedMatrix matrix =
                    new PackedMatrix(type, 1 + random.nextInt(9), PackedMatrix.columns(type, random), random);
            try (KernelRun run = new KernelRun(gpu)) {
                KernelRun.Output main = run.output((long) matrix.blocks() * matrix.mainBytes());
                KernelRun.Output scales = run.output(2L * matrix.blocks());
                run.launch("blocks", "split_blocks",
                        launch -> RowsGeometry.splitBlocks(launch, matrix.blocks(), matrix.mainBytes()),
                        run.input(matrix.raw), main, scales, (long) matrix.blocks(), type.blockBytes(),
                        matrix.scaleOffset(), matrix.mainBytes());
                assertThat(run.read(main).toArray(ValueLayout.JAVA_BYTE)).as("main plane of %s", type)
                        .isEqualTo(matrix.main().toArray(ValueLayout.JAVA_BYTE));
                assertThat(run.read(scales).toArray(ValueLayout.JAVA_BYTE)).as("scales of %s", type)
                        .isEqualTo(matrix.scales().toArray(ValueLayout.JAVA_BYTE));
            }
        }
    }
}
