package dev.pillion.benchmarks.gpu;

import dev.pillion.kernels.driver.GpuContext;
import dev.pillion.kernels.driver.MatmulLibrary;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/** What the device does at best, each measured when it is first asked for. On the virtual GPU the figures mean nothing. */
final class Roofs {
    private static final int MATMUL_SIDE = 8192;
    private static final long COPY_BYTES = 1L << 30;
    private static final int TINY_MATMUL_SIDE = 32;
    private static final long TINY_COPY_BYTES = 1 << 16;
    private static final long WORKSPACE_BYTES = 32L << 20;

    private final BenchmarkGpu gpu;
    private final GpuTimer timer;
    private final Map<String, OptionalDouble> flops = new HashMap<>();
    private double copyBytesPerSecond;

    Roofs(BenchmarkGpu gpu, GpuTimer timer) {
        this.gpu = gpu;
        this.timer = timer;
    }

    /** Bytes of the copy that is the roof of memory. */
    long copyBytes() {
        return gpu.isVirtual() ? TINY_COPY_BYTES : COPY_BYTES;
    }

    /** Side of the matrices whose product is the roof of arithmetic. */
    int matmulSide() {
        return gpu.isVirtual() ? TINY_MATMUL_SIDE : MATMUL_SIDE;
    }

    /** Bytes a large copy within the device reads and writes in a second, both counted. */
    double copyBytesPerSecond() {
        if (copyBytesPerSecond == 0) {
            copyBytesPerSecond = 2 * copyBytes() / copy().seconds();
        }
        return copyBytesPerSecond;
    }

    /** Times the copy. */
    GpuTimer.Timing copy() {
        long bytes = copyBytes();
        try (LineMemory memory = new LineMemory(gpu)) {
            long from = memory.single(bytes, Content.F32);
            long to = memory.single(bytes);
            return timer.time(1, true, turn -> gpu.context().copyOnDevice(to, from, bytes, gpu.stream()));
        }
    }

    /** FLOPs a second of the vendor's product of large matrices of a compute type; empty where there is no library. */
    OptionalDouble flopsPerSecond(String compute) {
        return flops.computeIfAbsent(compute, this::measureFlops);
    }

    private OptionalDouble measureFlops(String compute) {
        int side = matmulSide();
        double count = 2.0 * side * side * side;
        return matmul(compute, side, side, side)
                .map(timing -> OptionalDouble.of(count / timing.seconds()))
                .orElse(OptionalDouble.empty());
    }

    /** Times the vendor's product {@code [rows, columns] x [outputs, columns]^T}; empty where there is no library. */
    Optional<GpuTimer.Timing> matmul(String compute, int rows, int outputs, int columns) {
        GpuContext context = gpu.context();
        Optional<MatmulLibrary> found = context.matmulLibrary();
        if (found.isEmpty()) {
            return Optional.empty();
        }
        MatmulLibrary library = found.get();
        MatmulLibrary.Type type = MatmulLibrary.Type.valueOf(compute.toUpperCase(Locale.ROOT));
        long plan = library.plan(new MatmulLibrary.Shape(rows, outputs, columns, type, type), WORKSPACE_BYTES);
        long bytes = compute.equals("f32") ? 4 : 2;
        try (LineMemory memory = new LineMemory(gpu)) {
            Content content = Content.activations(compute);
            LineMemory.Ring weight = memory.ring(bytes * outputs * columns, content);
            LineMemory.Ring x = memory.ring(bytes * rows * columns, content);
            LineMemory.Ring out = memory.ring(bytes * rows * outputs);
            long workspace = memory.single(WORKSPACE_BYTES);
            return Optional.of(timer.time(
                    memory.turns(),
                    false,
                    turn -> library.run(plan, x.at(turn), weight.at(turn), out.at(turn), workspace, gpu.stream())));
        }
    }
}
