package dev.pillion.cuda;

import dev.pillion.kernels.LinearGeometry;
import dev.pillion.kernels.LinearKernel;
import dev.pillion.kernels.LinearWeight;
import dev.pillion.kernels.RowsGeometry;
import dev.pillion.kernels.driver.GpuContext;
import dev.pillion.kernels.driver.KernelLaunch;
import dev.pillion.kernels.driver.MatmulLibrary;
import dev.pillion.model.TensorType;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Linear layers. Few rows go to the flat product, which is bound by reading packed weights; many to our own tiled product
 * or, where the vendor's library is there and rows are enough to pay for it, to that: packed weights are then widened into
 * a workspace first. The choice depends on shapes alone, so that a step is repeatable.
 */
final class LinearKernels implements AutoCloseable {
    /** From so many rows on, widening a packed matrix costs little beside multiplying it. */
    private static final int LIBRARY_ROWS = 128;

    private static final long LIBRARY_WORKSPACE_BYTES = 32L << 20;

    /** Larger matrices are not widened: an output layer, which seldom has that many rows to make logits of. */
    private static final long WIDENED_LIMIT_BYTES = 256L << 20;

    /**
     * What multiplies by weights of one type.
     *
     * @param launches the kernels, looked up before the first step
     * @param widen the kernel that unpacks a matrix
     */
    private record Products(LinearGeometry geometry, Map<LinearKernel, KernelLaunch> launches, KernelLaunch widen) {}

    private final GpuContext context;
    private final KernelCache kernels;
    private final ComputeType compute;
    private final DeviceMemory memory;
    private final long stream;
    private final int multiprocessors;
    private final RowsGeometry rowsGeometry;
    private final Map<TensorType, Products> products = new EnumMap<>(TensorType.class);
    private final Optional<MatmulLibrary> library;
    private final Optional<MatmulPlans> plans;
    private long widened;
    private long widenedBytes;
    private long workspace;

    LinearKernels(GpuContext context, KernelCache kernels, CudaOptions options, DeviceMemory memory, long stream) {
        this.context = context;
        this.kernels = kernels;
        this.compute = options.compute();
        this.memory = memory;
        this.stream = stream;
        this.multiprocessors = context.device().multiprocessors();
        this.rowsGeometry = new RowsGeometry(compute.bytes());
        boolean wanted = options.matmulLibrary() && compute != ComputeType.F32;
        this.library = wanted ? context.matmulLibrary() : Optional.empty();
        this.plans = library.map(
                found -> new MatmulPlans(found, shape -> found.plan(shape(shape), LIBRARY_WORKSPACE_BYTES)));
    }

    /** Where large multiplications go, for people. */
    String description() {
        return library.map(found -> "products of " + LIBRARY_ROWS + " rows and more by " + found.description())
                .orElse("own matrix products");
    }

    /** Compiles the kernels of a matrix's type and makes room to widen it, before the first step. */
    void reserve(CudaWeight weight) {
        if (!products.containsKey(weight.type())) {
            String suffix = WeightLayout.of(weight.type()).orElseThrow().suffix();
            products.put(weight.type(), compile(new LinearGeometry(LinearWeight.of(suffix), compute.suffix()), suffix));
        }
        if (library.isPresent()) {
            if (workspace == 0) {
                workspace = memory.allocate(LIBRARY_WORKSPACE_BYTES);
            }
            reserveWidened(weight);
        }
    }

    private Products compile(LinearGeometry geometry, String suffix) {
        Map<LinearKernel, KernelLaunch> launches = new EnumMap<>(LinearKernel.class);
        for (LinearKernel kernel : LinearKernel.values()) {
            boolean tensorOnly = kernel != LinearKernel.GEMV && kernel != LinearKernel.GEMM;
            if (compute == ComputeType.F32 && tensorOnly) {
                continue;
            }
            KernelLaunch launch = kernels.launch(geometry.module(), geometry.entry(kernel));
            launches.put(kernel, launch);
            int shared = geometry.mostSharedBytes(kernel);
            if (shared > 0) {
                context.allowSharedBytes(launch.function(), shared);
            }
        }
        String widen = "dequantize_" + suffix + "_" + compute.suffix();
        return new Products(geometry, launches, kernels.launch("rows_" + compute.suffix(), widen));
    }

    private Products products(CudaWeight weight) {
        Products known = products.get(weight.type());
        if (known == null) {
            throw new IllegalStateException("no kernels were reserved for " + weight.name());
        }
        return known;
    }

    /** Matrices grow while a model is loaded; only the last room is used, the smaller ones are few. */
    private void reserveWidened(CudaWeight weight) {
        long bytes = (long) weight.rows() * weight.columns() * compute.bytes();
        if (!isStoredAsComputed(weight) && bytes > widenedBytes && bytes <= WIDENED_LIMIT_BYTES) {
            widened = memory.allocate(bytes);
            widenedBytes = bytes;
        }
    }

    private boolean isStoredAsComputed(CudaWeight weight) {
        return weight.type() == compute.tensorType();
    }

    private boolean fitsLibrary(CudaWeight weight) {
        return isStoredAsComputed(weight)
                || (long) weight.rows() * weight.columns() * compute.bytes() <= widenedBytes;
    }

    /**
     * Multiplies {@code rows} rows. Results are F32 where {@code out} is.
     *
     * @param recordable whether the step is of a size that graphs are recorded for
     */
    void run(
            CudaTensor in, CudaWeight weight, @Nullable CudaWeight bias, CudaTensor out, int rows, boolean recordable) {
        boolean logits = out.elementBytes() != compute.bytes();
        if (library.isPresent() && bias == null && rows >= LIBRARY_ROWS && fitsLibrary(weight)) {
            runLibrary(library.get(), in, weight, out, rows, logits, recordable);
        } else {
            runOwn(in, weight, bias, out, rows, logits);
        }
    }

    private void runOwn(
            CudaTensor in, CudaWeight weight, @Nullable CudaWeight bias, CudaTensor out, int rows, boolean logits) {
        Products own = products(weight);
        LinearGeometry geometry = own.geometry();
        LinearKernel kernel = geometry.choose(rows, weight.rows(), logits, multiprocessors);
        KernelLaunch chosen = own.launches().get(kernel);
        if (chosen == null) {
            throw new IllegalStateException("the kernel " + kernel + " was not reserved for " + weight.name());
        }
        KernelLaunch launch = chosen.set(0, weight.main())
                .set(1, weight.scales())
                .set(2, bias == null ? 0L : bias.main())
                .set(3, in.address())
                .set(4, out.address())
                .set(5, rows)
                .set(6, weight.rows())
                .set(7, weight.columns());
        context.launch(geometry.set(launch, kernel, rows, weight.rows()), stream);
    }

    private void runLibrary(
            MatmulLibrary found,
            CudaTensor in,
            CudaWeight weight,
            CudaTensor out,
            int rows,
            boolean logits,
            boolean recordable) {
        long matrix = isStoredAsComputed(weight) ? weight.main() : widen(weight);
        long plan = plans.orElseThrow().plan(rows, weight.rows(), weight.columns(), logits, recordable);
        found.run(plan, in.address(), matrix, out.address(), workspace, stream);
    }

    private MatmulLibrary.Shape shape(MatmulPlans.Shape shape) {
        MatmulLibrary.Type output = shape.logits() ? MatmulLibrary.Type.F32 : compute.matmulType();
        return new MatmulLibrary.Shape(shape.rows(), shape.outputs(), shape.columns(), compute.matmulType(), output);
    }

    private long widen(CudaWeight weight) {
        KernelLaunch launch = products(weight).widen()
                .set(0, weight.main())
                .set(1, weight.scales())
                .set(2, widened)
                .set(3, (long) weight.rows())
                .set(4, weight.columns());
        context.launch(rowsGeometry.dequantize(launch, weight.rows(), weight.columns()), stream);
        return widened;
    }

    @Override
    public void close() {
        library.ifPresent(MatmulLibrary::close);
    }
}
