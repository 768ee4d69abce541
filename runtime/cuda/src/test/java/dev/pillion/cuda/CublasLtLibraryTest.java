package dev.pillion.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pillion.kernels.driver.GpuContext;
import dev.pillion.kernels.driver.GpuException;
import dev.pillion.kernels.driver.MatmulLibrary;
import dev.pillion.kernels.driver.MatmulLibrary.Shape;
import dev.pillion.kernels.driver.MatmulLibrary.Type;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** cuBLASLt over a mock that multiplies as the descriptors say, so that a wrong layout gives a wrong product. */
class CublasLtLibraryTest {
    private static final long SEED = Long.getLong("pillion.test.seed", 20261121L);

    private final GpuContext context = MockLibraries.driver().createContext(0);
    private final MatmulLibrary library = context.matmulLibrary().orElseThrow();
    private final MockLibraries mock = MockLibraries.cublasLt();

    CublasLtLibraryTest() {
        mock.call("clear");
    }

    @AfterEach
    void closesWithoutLeaks() {
        context.close();
        mock.assertNone("library", "operation", "layout", "preference");
        MockLibraries.cuda().assertNone("context");
    }

    @Test
    void itSaysItsVersionAndFile() {
        assertThat(library.description())
                .isEqualTo("cuBLASLt 13.2.4, " + MockLibraries.folder().resolve("libcublasLt.so.13"));
        assertThat(context.matmulLibrary()).containsSame(library);
    }

    @Test
    void productsAreRowMajorWithTheSecondFactorTransposed() {
        SplittableRandom random = new SplittableRandom(SEED);
        for (int round = 0; round < 20; round++) {
            int m = random.nextInt(1, 9);
            int n = random.nextInt(1, 9);
            int k = random.nextInt(1, 17);
            MemorySegment a = matrix(m * k, random);
            MemorySegment b = matrix(n * k, random);
            MemorySegment out = matrix(m * n, random);
            long plan = library.plan(new Shape(m, n, k, Type.F32, Type.F32), 0);
            library.run(plan, a.address(), b.address(), out.address(), 0, 0);
            for (int row = 0; row < m; row++) {
                for (int column = 0; column < n; column++) {
                    float sum = 0;
                    for (int i = 0; i < k; i++) {
                        sum += at(a, row * k + i) * at(b, column * k + i);
                    }
                    assertThat(at(out, row * n + column))
                            .as("[%d, %d] of %dx%dx%d (seed %d)", row, column, m, n, k, SEED)
                            .isCloseTo(sum, Offset.offset(1e-5f));
                }
            }
        }
    }

    private MemorySegment matrix(int elements, SplittableRandom random) {
        MemorySegment matrix = context.allocateHost(4L * elements);
        for (int i = 0; i < elements; i++) {
            matrix.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) random.nextDouble(-1, 1));
        }
        return matrix;
    }

    private static float at(MemorySegment matrix, int index) {
        return matrix.getAtIndex(ValueLayout.JAVA_FLOAT, index);
    }

    @Test
    void aPlanAsksForItsTypesAndAccumulatesIn32Bits() {
        library.plan(new Shape(3, 5, 7, Type.BF16, Type.F32), 1 << 20);
        assertThat(mock.newCalls())
                .containsExactly(
                        "cublasLtMatmulDescCreate(68, 0)",
                        "cublasLtMatmulDescSetAttribute(3, 1)",
                        "cublasLtMatrixLayoutCreate(14, 7, 5, 7)",
                        "cublasLtMatrixLayoutCreate(14, 7, 3, 7)",
                        "cublasLtMatrixLayoutCreate(0, 5, 3, 5)",
                        "cublasLtMatmulPreferenceSetAttribute(1, 1048576)");
        mock.assertNone("preference");
        library.plan(new Shape(3, 5, 7, Type.F16, Type.F16), 0);
        assertThat(mock.newCalls()).contains("cublasLtMatrixLayoutCreate(2, 7, 5, 7)", "cublasLtMatrixLayoutCreate(2, 5, 3, 5)");
    }

    @Test
    void aRunPassesWorkspaceAndStream() {
        long first = library.plan(new Shape(1, 2, 3, Type.BF16, Type.BF16), 1);
        long second = library.plan(new Shape(1, 2, 3, Type.BF16, Type.BF16), 4096);
        mock.newCalls();
        library.run(second, 256, 512, 768, 0x1234500, 0x77);
        library.run(first, 256, 512, 768, 0, 0);
        assertThat(mock.newCalls())
                .containsExactly(
                        "cublasLtMatmul(alpha=1, beta=0, workspace=1234500 of 4096, stream=77)",
                        "cublasLtMatmul(alpha=1, beta=0, workspace=0 of 1, stream=0)");
    }

    @Test
    void manyPlansLiveSideBySide() {
        for (int i = 0; i < 100; i++) {
            assertThat(library.plan(new Shape(1, 1, 1 + i, Type.F16, Type.F16), 0)).isEqualTo(i);
        }
        assertThat(mock.live("layout")).isEqualTo(300);
    }

    @Test
    void aForgottenPlanIsFreedAndItsPlaceTakenAgain() {
        Shape shape = new Shape(1, 2, 3, Type.F16, Type.F16);
        long first = library.plan(shape, 0);
        long second = library.plan(shape, 0);
        library.forget(first);
        assertThat(mock.live("layout")).isEqualTo(3);
        assertThatThrownBy(() -> library.run(first, 256, 512, 768, 0, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> library.forget(first)).isInstanceOf(IllegalArgumentException.class);
        library.run(second, 256, 512, 768, 0, 0);
        assertThat(library.plan(shape, 0)).isEqualTo(first);
        assertThat(mock.live("layout")).isEqualTo(6);
        library.forget(second);
    }

    @Test
    void failuresNameTheShapeAndLeaveNothingBehind() {
        Shape shape = new Shape(1, 2, 3, Type.F16, Type.F16);
        mock.call("no_algorithm", 1);
        assertThatThrownBy(() -> library.plan(shape, 2048))
                .isInstanceOfSatisfying(GpuException.class, e -> assertThat(e.sticky()).isFalse())
                .hasMessageContaining("choosing an algorithm for " + shape + " with 2.0 KiB of workspace")
                .hasMessageContaining("CUBLAS_STATUS_NOT_SUPPORTED (15)");
        mock.call("no_algorithm", 0);
        for (String function : new String[] {"cublasLtMatmulDescCreate", "cublasLtMatmulAlgoGetHeuristic"}) {
            mock.fail(function, 1, 15);
            assertThatThrownBy(() -> library.plan(shape, 0)).isInstanceOf(GpuException.class);
        }
        for (int nth = 1; nth <= 3; nth++) {
            mock.fail("cublasLtMatrixLayoutCreate", nth, 15);
            assertThatThrownBy(() -> library.plan(shape, 0)).isInstanceOf(GpuException.class);
        }
        mock.assertNone("operation", "layout", "preference");

        long plan = library.plan(shape, 0);
        mock.fail("cublasLtMatmul", 1, 13);
        assertThatThrownBy(() -> library.run(plan, 1, 2, 3, 0, 0))
                .hasMessage("multiplying matrices: CUBLAS_STATUS_EXECUTION_FAILED (13): the GPU program failed to execute");
        assertThatThrownBy(() -> library.run(plan + 1, 1, 2, 3, 0, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> library.run(-1, 1, 2, 3, 0, 0)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aClosedLibraryThrows() {
        long plan = library.plan(new Shape(1, 2, 3, Type.F16, Type.F16), 0);
        library.close();
        library.close();
        assertThatThrownBy(() -> library.run(plan, 1, 2, 3, 0, 0)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> library.plan(new Shape(1, 2, 3, Type.F16, Type.F16), 0))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aLibraryThatDoesNotOpenIsAbsent() {
        try (GpuContext other = MockLibraries.driver().createContext(0)) {
            mock.fail("cublasLtCreate", 1, 13);
            assertThat(other.matmulLibrary()).isEmpty();
            assertThat(other.matmulLibrary()).as("asked once").isEmpty();
        }
    }
}
