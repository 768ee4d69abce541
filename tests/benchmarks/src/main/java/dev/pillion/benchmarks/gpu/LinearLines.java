package dev.pillion.benchmarks.gpu;

import dev.pillion.benchmarks.gpu.KernelLine.Launches;
import dev.pillion.benchmarks.gpu.KernelLine.SkippedException;
import dev.pillion.benchmarks.gpu.LineMemory.Ring;
import dev.pillion.kernels.LinearGeometry;
import dev.pillion.kernels.LinearKernel;
import dev.pillion.kernels.LinearShape;
import dev.pillion.kernels.LinearWeight;
import dev.pillion.kernels.RowsGeometry;
import dev.pillion.kernels.driver.GpuContext;
import dev.pillion.kernels.driver.KernelLaunch;
import dev.pillion.kernels.driver.MatmulLibrary;
import java.util.ArrayList;
import java.util.List;

/**
 * Lines of the linear layers: the flat product for 1 to 16 rows, our tiled product, and packed weights widened for the
 * vendor's product. Bytes and FLOPs are those of {@link LinearShape}.
 */
final class LinearLines {
    /** Decodes read weights: what of a copy's rate is asked for. */
    private static final double FLAT_TARGET = 0.8;

    private static final long WORKSPACE_BYTES = 32L << 20;
    /** Of an H100 or H200; on other devices the backend may take another tile for some of these shapes. */
    private static final int MULTIPROCESSORS = 132;
    /** A matrix whose bytes take a device tens of microseconds, so that starting and ending count little. */
    private static final LinearShape GATE_8B = LinearShape.LLAMA_8B.get(2);
    private static final LinearShape LOGITS_8B = LinearShape.LLAMA_8B.get(4);
    private static final LinearShape TINY_FLAT = new LinearShape("tiny", 128, 4096);
    private static final LinearShape TINY_TILED = new LinearShape("tiny", 136, 256);

    private LinearLines() {}

    /** Lines at the sizes of Llama 3.1 8B and 3.2 1B. */
    static List<KernelLine> full() {
        List<KernelLine> lines = new ArrayList<>();
        for (LinearWeight weight : LinearWeight.values()) {
            boolean common = weight != LinearWeight.F32 && weight != LinearWeight.F16;
            for (LinearShape shape : LinearShape.LLAMA_8B) {
                flat(lines, weight, shape, 1, common ? KernelLine.DECODE : KernelLine.MORE);
            }
            for (LinearShape shape : LinearShape.LLAMA_1B) {
                flat(lines, weight, shape, 1, KernelLine.MORE);
            }
            for (int rows : LinearShape.ROWS) {
                for (LinearShape shape : List.of(GATE_8B, LinearShape.LLAMA_8B.get(0), LOGITS_8B)) {
                    many(lines, weight, shape, rows, common ? KernelLine.PREFILL : KernelLine.MORE);
                }
            }
            if (weight == LinearWeight.F32) {
                // Its stages take more shared memory than the oldest devices have, so the backend takes the smaller tile.
                lines.add(line(new LinearGeometry(weight, "bf16"), LinearKernel.GEMM, GATE_8B, 512, KernelLine.RARE, 0));
            }
            if (weight != LinearWeight.BF16) {
                for (int rows : new int[] {32, 128, 512, 2048}) {
                    lines.add(widened(weight, GATE_8B, rows, KernelLine.MORE));
                }
            }
            other(lines, weight, GATE_8B, new int[] {1, 512}, KernelLine.RARE);
        }
        return lines;
    }

    /** Each kernel once, small enough for the virtual GPU. */
    static List<KernelLine> tiny() {
        List<KernelLine> lines = new ArrayList<>();
        for (LinearWeight weight : LinearWeight.values()) {
            LinearGeometry geometry = new LinearGeometry(weight, "bf16");
            for (int rows : new int[] {1, 8, 16}) {
                lines.add(line(geometry, LinearKernel.GEMV, TINY_FLAT, rows, KernelLine.DECODE, 0));
            }
            lines.add(line(geometry, LinearKernel.GEMV_F32, TINY_FLAT, 1, KernelLine.DECODE, 0));
            lines.add(line(geometry, LinearKernel.GEMM, TINY_TILED, 20, KernelLine.PREFILL, 0));
            lines.add(line(geometry, LinearKernel.GEMM64, TINY_TILED, 20, KernelLine.PREFILL, 0));
            lines.add(line(geometry, LinearKernel.GEMM_F32, TINY_TILED, 20, KernelLine.PREFILL, 0));
            other(lines, weight, TINY_TILED, new int[] {1, 20}, KernelLine.RARE);
        }
        lines.add(widened(LinearWeight.Q8_0, TINY_TILED, 20, KernelLine.MORE));
        return lines;
    }

    private static boolean isLogits(LinearShape shape) {
        return shape.name().endsWith("logits");
    }

    private static void flat(List<KernelLine> lines, LinearWeight weight, LinearShape shape, int rows, int order) {
        LinearKernel kernel = isLogits(shape) ? LinearKernel.GEMV_F32 : LinearKernel.GEMV;
        // A smaller matrix is over before the device runs at its rate.
        boolean large = weight.bytes(shape.outputs(), shape.columns()) >= 16 << 20;
        lines.add(line(new LinearGeometry(weight, "bf16"), kernel, shape, rows, order, large ? FLAT_TARGET : 0));
    }

    /** The kernel that the backend takes for so many rows, at two to 2048; logits are made of few rows. */
    private static void many(List<KernelLine> lines, LinearWeight weight, LinearShape shape, int rows, int order) {
        boolean isFlat = rows <= LinearGeometry.FLAT_ROWS;
        if (rows == 1 || isLogits(shape) && rows != 16 && rows != 64 && rows != 256) {
            return;
        }
        if (isFlat) {
            flat(lines, weight, shape, rows, shape == GATE_8B ? KernelLine.DECODE : KernelLine.MORE);
            return;
        }
        LinearGeometry geometry = new LinearGeometry(weight, "bf16");
        LinearKernel kernel = geometry.choose(rows, shape.outputs(), isLogits(shape), MULTIPROCESSORS);
        boolean telling = shape == GATE_8B && (rows == 64 || rows == 512 || rows == 2048);
        lines.add(line(geometry, kernel, shape, rows, telling ? order : KernelLine.MORE, 0));
    }

    /** The other compute types, with few rows and many. */
    private static void other(List<KernelLine> lines, LinearWeight weight, LinearShape shape, int[] rows, int order) {
        LinearGeometry half = new LinearGeometry(weight, "f16");
        lines.add(line(half, LinearKernel.GEMV, shape, rows[0], order, 0));
        lines.add(line(half, LinearKernel.GEMV_F32, shape, rows[0], order, 0));
        lines.add(line(half, LinearKernel.GEMM, shape, rows[1], order, 0));
        lines.add(line(half, LinearKernel.GEMM64, shape, rows[1], order, 0));
        lines.add(line(half, LinearKernel.GEMM_F32, shape, rows[1], order, 0));
        LinearGeometry single = new LinearGeometry(weight, "f32");
        lines.add(line(single, LinearKernel.GEMV, shape, rows[0], order, 0));
        lines.add(line(single, LinearKernel.GEMM, shape, rows[1], order, 0));
    }

    private static int bytesOf(String compute) {
        return compute.equals("f32") ? 4 : 2;
    }

    private static Work work(LinearGeometry geometry, LinearShape shape, int rows, int resultBytes) {
        int activation = bytesOf(geometry.compute());
        long written = (long) rows * shape.outputs() * resultBytes;
        long read = shape.bytes(geometry.weight(), activation, rows) - (long) rows * shape.outputs() * activation;
        return new Work(read, written, shape.flops(rows));
    }

    private static String describe(LinearShape shape, int rows) {
        return shape.name() + ", " + shape.outputs() + " x " + shape.columns() + ", " + rows + (rows == 1 ? " row" : " rows");
    }

    private static int resultBytes(LinearGeometry geometry, LinearKernel kernel) {
        boolean wide = kernel == LinearKernel.GEMV_F32 || kernel == LinearKernel.GEMM_F32;
        return wide ? 4 : bytesOf(geometry.compute());
    }

    private static KernelLine line(
            LinearGeometry geometry, LinearKernel kernel, LinearShape shape, int rows, int order, double target) {
        String entry = geometry.entry(kernel);
        return new KernelLine(
                entry,
                describe(shape, rows),
                List.of(entry),
                geometry.compute(),
                work(geometry, shape, rows, resultBytes(geometry, kernel)),
                order,
                target,
                (gpu, memory) -> prepare(geometry, kernel, shape, rows, gpu, memory));
    }

    private static Launches prepare(
            LinearGeometry geometry, LinearKernel kernel, LinearShape shape, int rows, BenchmarkGpu gpu, LineMemory memory) {
        KernelLaunch launch = gpu.kernel(geometry.entry(kernel));
        gpu.context().allowSharedBytes(launch.function(), geometry.mostSharedBytes(kernel));
        Operands operands = new Operands(geometry, shape, rows, resultBytes(geometry, kernel), memory);
        geometry.set(launch, kernel, rows, shape.outputs())
                .set(2, 0L)
                .set(5, rows)
                .set(6, shape.outputs())
                .set(7, shape.columns());
        return turn -> gpu.launch(launch.set(0, operands.main.at(turn))
                .set(1, operands.scales.at(turn))
                .set(3, operands.x.at(turn))
                .set(4, operands.out.at(turn)));
    }

    private static final class Operands {
        private final Ring main;
        private final Ring scales;
        private final Ring x;
        private final Ring out;

        private Operands(LinearGeometry geometry, LinearShape shape, int rows, int resultBytes, LineMemory memory) {
            LinearWeight weight = geometry.weight();
            long scaleBytes = weight.scaleBytes(shape.outputs(), shape.columns());
            main = memory.ring(weight.bytes(shape.outputs(), shape.columns()) - scaleBytes, Content.main(weight));
            scales = scaleBytes == 0 ? Ring.NONE : memory.ring(scaleBytes, Content.SCALES);
            x = memory.ring(
                    (long) rows * shape.columns() * bytesOf(geometry.compute()), Content.activations(geometry.compute()));
            out = memory.ring((long) rows * shape.outputs() * resultBytes);
        }
    }

    /** Widens the weights into a workspace and multiplies there, as the backend does with many rows. */
    private static KernelLine widened(LinearWeight weight, LinearShape shape, int rows, int order) {
        String compute = "bf16";
        String entry = "dequantize_" + weight.suffix() + "_" + compute;
        LinearGeometry geometry = new LinearGeometry(weight, compute);
        return new KernelLine(
                entry + " + library",
                describe(shape, rows),
                List.of(entry),
                compute,
                work(geometry, shape, rows, 2),
                order,
                0,
                (gpu, memory) -> prepareWidened(geometry, entry, shape, rows, gpu, memory));
    }

    private static Launches prepareWidened(
            LinearGeometry geometry, String entry, LinearShape shape, int rows, BenchmarkGpu gpu, LineMemory memory) {
        GpuContext context = gpu.context();
        MatmulLibrary library = context.matmulLibrary().orElseThrow(() -> new SkippedException("no cuBLASLt here"));
        long plan = library.plan(
                new MatmulLibrary.Shape(
                        rows, shape.outputs(), shape.columns(), MatmulLibrary.Type.BF16, MatmulLibrary.Type.BF16),
                WORKSPACE_BYTES);
        long workspace = memory.single(WORKSPACE_BYTES);
        long wide = memory.single(2L * shape.outputs() * shape.columns());
        Operands operands = new Operands(geometry, shape, rows, 2, memory);
        KernelLaunch launch = new RowsGeometry(2)
                .dequantize(gpu.kernel(entry), shape.outputs(), shape.columns())
                .set(2, wide)
                .set(3, (long) shape.outputs())
                .set(4, shape.columns());
        return new Launches() {
            @Override
            public void enqueue(int turn) {
                gpu.launch(launch.set(0, operands.main.at(turn)).set(1, operands.scales.at(turn)));
                library.run(plan, operands.x.at(turn), wide, operands.out.at(turn), workspace, gpu.stream());
            }

            @Override
            public boolean recordable() {
                return false;
            }

            @Override
            public String note() {
                return library.description();
            }
        };
    }
}
