package dev.pillion.cuda;

import dev.pillion.bindings.cublaslt.CublasLt;
import dev.pillion.bindings.cublaslt.cublasLtMatmulHeuristicResult_t;
import dev.pillion.kernels.driver.MatmulLibrary.Shape;
import dev.pillion.kernels.driver.MatmulLibrary.Type;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * One shape of matrix multiplication, ready to run. cuBLASLt takes matrices column by column, and a row-major matrix read that
 * way is its transpose. So {@code out[m, n] = a[m, k] x b[n, k]^T} is asked for as
 * {@code out^T[n, m] = (b^T[k, n])^T x a^T[k, m]}: the first operand is {@code b}, transposed, the second {@code a}, and
 * nothing is moved in memory.
 */
final class MatmulPlan implements AutoCloseable {
    private final Arena arena = Arena.ofShared();
    private final MemorySegment out = arena.allocate(ValueLayout.ADDRESS);
    private final long workspaceBytes;

    /** The operation and the layouts of {@code b}, {@code a} and {@code out}; 0 until created. */
    private long operation;

    private long layoutB;
    private long layoutA;
    private long layoutOut;
    private final MemorySegment heuristic = cublasLtMatmulHeuristicResult_t.allocate(arena);

    /** Chooses the algorithm cuBLASLt thinks fastest among those that need at most so much workspace. */
    MatmulPlan(MemorySegment library, Shape shape, long workspaceBytes) {
        this.workspaceBytes = workspaceBytes;
        try {
            create(shape);
            choose(library, shape);
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    private void create(Shape shape) {
        String subject = "planning " + shape;
        CublasLtResult.check(
                CublasLt.cublasLtMatmulDescCreate(out, CublasLt.CUBLAS_COMPUTE_32F(), CublasLt.CUDA_R_32F()), subject);
        operation = out.get(ValueLayout.JAVA_LONG, 0);
        MemorySegment transposed = arena.allocateFrom(ValueLayout.JAVA_INT, CublasLt.CUBLAS_OP_T());
        CublasLtResult.check(
                CublasLt.cublasLtMatmulDescSetAttribute(
                        MemorySegment.ofAddress(operation),
                        CublasLt.CUBLASLT_MATMUL_DESC_TRANSA(),
                        transposed,
                        transposed.byteSize()),
                subject);
        layoutB = layout(shape.input(), shape.k(), shape.n(), subject);
        layoutA = layout(shape.input(), shape.k(), shape.m(), subject);
        layoutOut = layout(shape.output(), shape.n(), shape.m(), subject);
    }

    /** A dense matrix, column by column. */
    private long layout(Type type, long rows, long columns, String subject) {
        CublasLtResult.check(
                CublasLt.cublasLtMatrixLayoutCreate(out, dataType(type), rows, columns, rows), subject);
        return out.get(ValueLayout.JAVA_LONG, 0);
    }

    private static int dataType(Type type) {
        return switch (type) {
            case F32 -> CublasLt.CUDA_R_32F();
            case F16 -> CublasLt.CUDA_R_16F();
            case BF16 -> CublasLt.CUDA_R_16BF();
        };
    }

    private void choose(MemorySegment library, Shape shape) {
        String subject = "choosing an algorithm for " + shape + " with " + Bytes.text(workspaceBytes) + " of workspace";
        CublasLtResult.check(CublasLt.cublasLtMatmulPreferenceCreate(out), subject);
        MemorySegment preference = out.get(ValueLayout.ADDRESS, 0);
        try {
            MemorySegment limit = arena.allocateFrom(ValueLayout.JAVA_LONG, workspaceBytes);
            CublasLtResult.check(
                    CublasLt.cublasLtMatmulPreferenceSetAttribute(
                            preference, CublasLt.CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES(), limit, limit.byteSize()),
                    subject);
            MemorySegment found = arena.allocate(ValueLayout.JAVA_INT);
            CublasLtResult.check(
                    CublasLt.cublasLtMatmulAlgoGetHeuristic(
                            library,
                            MemorySegment.ofAddress(operation),
                            MemorySegment.ofAddress(layoutB),
                            MemorySegment.ofAddress(layoutA),
                            MemorySegment.ofAddress(layoutOut),
                            MemorySegment.ofAddress(layoutOut),
                            preference,
                            1,
                            heuristic,
                            found),
                    subject);
            if (found.get(ValueLayout.JAVA_INT, 0) == 0) {
                throw CublasLtResult.failure(CublasLt.CUBLAS_STATUS_NOT_SUPPORTED(), subject);
            }
            CublasLtResult.check(cublasLtMatmulHeuristicResult_t.state(heuristic), subject);
        } finally {
            CublasLt.cublasLtMatmulPreferenceDestroy(preference);
        }
    }

    long operation() {
        return operation;
    }

    long layoutA() {
        return layoutA;
    }

    long layoutB() {
        return layoutB;
    }

    long layoutOut() {
        return layoutOut;
    }

    /** Address of the chosen algorithm. */
    long algorithm() {
        return heuristic.address() + cublasLtMatmulHeuristicResult_t.algo$offset();
    }

    /** Workspace that the algorithm may use. */
    long workspaceBytes() {
        return workspaceBytes;
    }

    @Override
    public void close() {
        destroy(layoutOut);
        destroy(layoutA);
        destroy(layoutB);
        if (operation != 0) {
            CublasLt.cublasLtMatmulDescDestroy(MemorySegment.ofAddress(operation));
        }
        arena.close();
    }

    private static void destroy(long layout) {
        if (layout != 0) {
            CublasLt.cublasLtMatrixLayoutDestroy(MemorySegment.ofAddress(layout));
        }
    }
}
