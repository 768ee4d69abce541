package dev.pillion.cuda;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.pillion.bindings.cublaslt.CublasLt;
import dev.pillion.kernels.driver.MatmulLibrary;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * cuBLASLt within one context. An algorithm is chosen once per shape; running a plan is one native call, whose scalars stay in
 * memory from one call to the next. A plan's handle is its number here.
 */
final class CublasLtLibrary implements MatmulLibrary {
    private static final int MAJOR = 10_000;
    private static final int MINOR = 100;

    private final Path mapped;
    private final Runnable context;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment one = arena.allocateFrom(ValueLayout.JAVA_FLOAT, 1f);
    private final MemorySegment zero = arena.allocateFrom(ValueLayout.JAVA_FLOAT, 0f);
    private final long library;
    /** A place that is empty is taken again. */
    private @Nullable MatmulPlan[] plans = new MatmulPlan[16];

    private int planCount;
    private boolean closed;

    private CublasLtLibrary(Path mapped, Runnable context) {
        this.mapped = mapped;
        this.context = context;
        try (Arena scratch = Arena.ofConfined()) {
            MemorySegment out = scratch.allocate(ValueLayout.ADDRESS);
            int status = CublasLt.cublasLtCreate(out);
            if (status != CublasLt.CUBLAS_STATUS_SUCCESS()) {
                arena.close();
                throw CublasLtResult.failure(status, "opening cuBLASLt " + mapped);
            }
            library = out.get(JAVA_LONG, 0);
        }
    }

    /**
     * Opens the library, which has been loaded, in the current context.
     *
     * @param mapped the file
     * @param context to be run before each call: makes the context current, or throws
     */
    static CublasLtLibrary open(Path mapped, Runnable context) {
        return new CublasLtLibrary(mapped, context);
    }

    @Override
    public String description() {
        long version = CublasLt.cublasLtGetVersion();
        return "cuBLASLt " + version / MAJOR + "." + version % MAJOR / MINOR + "." + version % MINOR + ", " + mapped;
    }

    @Override
    public long plan(Shape shape, long workspaceBytes) {
        enter();
        MatmulPlan plan = new MatmulPlan(MemorySegment.ofAddress(library), shape, workspaceBytes);
        int place = 0;
        while (place < planCount && plans[place] != null) {
            place++;
        }
        if (place == planCount) {
            if (planCount == plans.length) {
                plans = Arrays.copyOf(plans, 2 * planCount);
            }
            planCount++;
        }
        plans[place] = plan;
        return place;
    }

    /** The library has read a plan when the call that runs it returns, so that may still run on the device. */
    @Override
    public void forget(long plan) {
        enter();
        existing(plan).close();
        plans[(int) plan] = null;
    }

    private MatmulPlan existing(long plan) {
        MatmulPlan found = plan < 0 || plan >= planCount ? null : plans[(int) plan];
        if (found == null) {
            throw new IllegalArgumentException("there is no plan " + plan);
        }
        return found;
    }

    @Override
    public void run(long plan, long a, long b, long out, long workspace, long stream) {
        enter();
        int status = Call.matmul(library, existing(plan), one.address(), zero.address(), a, b, out, workspace, stream);
        if (status != CublasLt.CUBLAS_STATUS_SUCCESS()) {
            throw CublasLtResult.failure(status, "multiplying matrices");
        }
    }

    private void enter() {
        if (closed) {
            throw new IllegalStateException("the matrix library is closed");
        }
        context.run();
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        for (int i = planCount - 1; i >= 0; i--) {
            MatmulPlan plan = plans[i];
            if (plan != null) {
                plan.close();
            }
        }
        planCount = 0;
        CublasLt.cublasLtDestroy(MemorySegment.ofAddress(library));
        arena.close();
    }

    /** The one function a step calls, with {@code long}s for pointers, as in {@link HotCalls}. */
    private static final class Call {
        private static final MethodHandle MATMUL = HotCalls.handle(
                List.of("cublasLtMatmul"),
                JAVA_LONG,
                JAVA_LONG,
                JAVA_LONG,
                JAVA_LONG,
                JAVA_LONG,
                JAVA_LONG,
                JAVA_LONG,
                JAVA_LONG,
                JAVA_LONG,
                JAVA_LONG,
                JAVA_LONG,
                JAVA_LONG,
                JAVA_LONG,
                JAVA_LONG,
                JAVA_LONG,
                JAVA_LONG);

        static int matmul(
                long library,
                MatmulPlan plan,
                long one,
                long zero,
                long a,
                long b,
                long out,
                long workspace,
                long stream) {
            try {
                return (int) MATMUL.invokeExact(
                        library,
                        plan.operation(),
                        one,
                        b,
                        plan.layoutB(),
                        a,
                        plan.layoutA(),
                        zero,
                        out,
                        plan.layoutOut(),
                        out,
                        plan.layoutOut(),
                        plan.algorithm(),
                        workspace,
                        plan.workspaceBytes(),
                        stream);
            } catch (Throwable e) {
                throw HotCalls.unexpected(e);
            }
        }
    }
}
