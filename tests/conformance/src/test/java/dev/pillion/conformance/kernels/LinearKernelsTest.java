package dev.pillion.conformance.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pillion.kernels.KernelCatalogue;
import dev.pillion.kernels.LinearGeometry;
import dev.pillion.kernels.LinearKernel;
import dev.pillion.kernels.LinearWeight;
import dev.pillion.model.TensorType;
import java.util.Arrays;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The products of {@code linear.cu} for every weight type and compute type, against a product in double precision. */
class LinearKernelsTest {
    private static final int FLAT_CASES = 3;
    private static final int TILE_CASES = 2;

    private GpuUnderTest gpu;

    @BeforeEach
    void open() {
        gpu = GpuUnderTest.open();
    }

    @AfterEach
    void close() {
        gpu.close();
    }

    static Stream<Arguments> types() {
        return PackedMatrix.TYPES.stream()
                .flatMap(weight -> Arrays.stream(Element.values()).map(element -> Arguments.of(weight, element)));
    }

    @ParameterizedTest
    @MethodSource("types")
    void multipliesFewRows(TensorType weight, Element element) {
        for (int number = 0; number < FLAT_CASES; number++) {
            int seed = 1000 + 100 * weight.ordinal() + 10 * element.ordinal() + number;
            SplittableRandom random = Cases.random(seed);
            // One, up to eight and up to sixteen rows take different paths.
            int rows = switch (number) {
                case 0 -> 1;
                case 1 -> 2 + random.nextInt(7);
                default -> 9 + random.nextInt(8);
            };
            // Long rows make a warp use its stages again.
            int mostColumns = rows == 1 ? 9000 : 1800;
            LinearCase product =
                    new LinearCase(weight, element, rows, 1 + random.nextInt(70), mostColumns, random, seed);
            product.check(gpu, LinearKernel.GEMV);
            if (element != Element.F32) {
                product.check(gpu, LinearKernel.GEMV_F32);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("types")
    void multipliesManyRows(TensorType weight, Element element) {
        for (int number = 0; number < TILE_CASES; number++) {
            int seed = 2000 + 100 * weight.ordinal() + 10 * element.ordinal() + number;
            SplittableRandom random = Cases.random(seed);
            LinearCase product = new LinearCase(
                    weight, element, 1 + random.nextInt(150), 1 + random.nextInt(150), 600, random, seed);
            product.check(gpu, LinearKernel.GEMM);
            if (element != Element.F32) {
                product.check(gpu, number == 0 ? LinearKernel.GEMM64 : LinearKernel.GEMM_F32);
            }
        }
    }

    /** A decode gives the same result bit for bit alone and with others, whatever the path for their number. */
    @ParameterizedTest
    @MethodSource("types")
    void flatResultsDoNotDependOnTheNumberOfRows(TensorType weight, Element element) {
        int seed = 3000 + 10 * weight.ordinal() + element.ordinal();
        SplittableRandom random = Cases.random(seed);
        int outputs = 1 + random.nextInt(40);
        LinearCase product = new LinearCase(weight, element, LinearGeometry.FLAT_ROWS, outputs, 1800, random, seed);
        float[] all = product.run(gpu, LinearKernel.GEMV, LinearGeometry.FLAT_ROWS);
        for (int rows : new int[] {1, 7, 9}) {
            assertThat(product.run(gpu, LinearKernel.GEMV, rows))
                    .as("%s rows, %s", rows, product)
                    .isEqualTo(Arrays.copyOf(all, rows * outputs));
        }
    }

    @ParameterizedTest
    @MethodSource("types")
    void choosesKernelsThatExist(TensorType weight, Element element) {
        LinearGeometry geometry =
                new LinearGeometry(LinearWeight.of(weight.name().toLowerCase(Locale.ROOT)), element.suffix());
        for (int rows : new int[] {1, 16, 17, 64, 65, 512, 4096}) {
            for (boolean logits : new boolean[] {false, true}) {
                LinearKernel kernel = geometry.choose(rows, 4096, logits, 132);
                String entry = geometry.entry(kernel);
                assertThat(KernelCatalogue.moduleOf(entry)).isEqualTo(geometry.module());
                assertThat(KernelCatalogue.signature(entry).count()).as("parameters of %s", entry).isEqualTo(8);
                assertThat(geometry.sharedBytes(kernel, rows))
                        .as("shared memory of %s for %s rows", entry, rows)
                        .isLessThanOrEqualTo(99 << 10);
            }
        }
    }
}
