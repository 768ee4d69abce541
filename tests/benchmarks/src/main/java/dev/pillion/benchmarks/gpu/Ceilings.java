package dev.pillion.benchmarks.gpu;

import dev.pillion.kernels.LinearShape;
import dev.pillion.kernels.LinearWeight;
import dev.pillion.kernels.driver.GpuContext;
import dev.pillion.kernels.driver.GpuException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Supplier;

/**
 * What the device does at best, with which everything else is compared: copies, the vendor's matrix products, launches.
 *
 * <p>On the virtual GPU everything is run once on tiny operands and no row has a value.
 *
 * <p>Arguments: {@value GpuOptions#USAGE}. Exits with 1 if a measurement failed, with 2 if there is no device.
 */
public final class Ceilings {
    private static final String STAGE = "ceilings";
    private static final double GIGA = 1e9;
    private static final double TERA = 1e12;
    private static final long HOST_BYTES = 256L << 20;
    private static final long TINY_HOST_BYTES = 1 << 16;
    /** Our copy kernel moves memory as fast as the driver's copy does, or nearly so. */
    private static final double COPY_KERNEL_TARGET = 0.95;

    private final BenchmarkGpu gpu;
    private final GpuOptions options;
    private final ResultRows rows;
    private final GpuTimer timer;
    private final Roofs roofs;
    private final long deadline;
    private int failures;

    private Ceilings(BenchmarkGpu gpu, GpuOptions options, ResultRows rows, GpuTimer timer) {
        this.gpu = gpu;
        this.options = options;
        this.rows = rows;
        this.timer = timer;
        roofs = new Roofs(gpu, timer);
        deadline = System.nanoTime() + options.limit().toNanos();
    }

    /** Runs the measurement. */
    public static void main(String[] args) {
        GpuProgram.run(args, Ceilings::run);
    }

    /** Measures everything and returns how much failed. */
    static int run(BenchmarkGpu gpu, GpuOptions options, ResultRows rows) {
        try (GpuTimer timer = new GpuTimer(gpu)) {
            Ceilings ceilings = new Ceilings(gpu, options, rows, timer);
            ceilings.all();
            return ceilings.failures;
        }
    }

    private void all() {
        add("copy on the device", bytes(roofs.copyBytes()), "GB/s", this::copy);
        add("matrix product bf16", side(), "TFLOP/s", () -> product("bf16"));
        add("copy to the device, page-locked", bytes(hostBytes()), "GB/s", () -> hostCopy(true));
        add("copy to the host, page-locked", bytes(hostBytes()), "GB/s", () -> hostCopy(false));
        LaunchCosts launches = new LaunchCosts(gpu);
        add(LaunchCosts.FFM, launches.shape(), "us", launches::throughFfm);
        add(LaunchCosts.C, launches.shape(), "us", launches::fromC);
        add(LaunchCosts.GRAPH, launches.shape(), "us", () -> launches.graph(timer));
        KernelLine copy = (gpu.isVirtual() ? BlockLines.tiny() : BlockLines.full()).get(gpu.isVirtual() ? 0 : 2);
        add(copy.name(), copy.shape(), "GB/s", () -> kernel(copy));
        add("matrix product f16", side(), "TFLOP/s", () -> product("f16"));
        add("matrix product f32", side(), "TFLOP/s", () -> product("f32"));
        for (LinearShape shape : gpu.isVirtual() ? List.of(new LinearShape("tiny", 48, 64)) : LinearShape.LLAMA_8B) {
            for (int tokens : gpu.isVirtual() ? List.of(3) : LinearShape.ROWS) {
                String described = shape.name() + ", " + shape.outputs() + " x " + shape.columns() + ", " + tokens + " rows";
                add("matrix product bf16", described, "GB/s", () -> product(shape, tokens));
            }
        }
    }

    private void add(String name, String shape, String unit, Supplier<ResultRow> measure) {
        if (!name.contains(options.only()) && !shape.contains(options.only())) {
            return;
        }
        ResultRow row;
        if (System.nanoTime() > deadline) {
            row = ResultRow.missing(STAGE, name, shape, unit, "not measured: time over");
        } else {
            row = measured(name, shape, unit, measure);
        }
        rows.add(row);
        String value = row.value().isPresent() ? String.format("%.2f %s", row.value().getAsDouble(), row.unit()) : "-";
        System.out.printf("%-34s %-48s %16s  %s%n", name, shape, value, row.note());
    }

    private ResultRow measured(String name, String shape, String unit, Supplier<ResultRow> measure) {
        try {
            ResultRow row = measure.get();
            return gpu.isVirtual() && row.value().isPresent()
                    ? ResultRow.missing(STAGE, name, shape, unit, "virtual GPU: ran, has no times")
                    : row;
        } catch (KernelLine.SkippedException e) {
            return ResultRow.missing(STAGE, name, shape, unit, "skipped: " + e.getMessage());
        } catch (GpuException | IllegalStateException e) {
            failures++;
            return ResultRow.missing(STAGE, name, shape, unit, "failed: " + e.getMessage()).target("", Optional.of(false));
        }
    }

    private static String bytes(long bytes) {
        return bytes >= 1 << 20 ? (bytes >> 20) + " MiB" : bytes + " bytes";
    }

    private String side() {
        int side = roofs.matmulSide();
        return side + " x " + side + " x " + side;
    }

    private long hostBytes() {
        return gpu.isVirtual() ? TINY_HOST_BYTES : HOST_BYTES;
    }

    private ResultRow copy() {
        GpuTimer.Timing timing = roofs.copy();
        double rate = 2 * roofs.copyBytes() / timing.seconds() / GIGA;
        return ResultRow.of(STAGE, "copy on the device", bytes(roofs.copyBytes()), rate, "GB/s")
                .withNote("read and written bytes; " + timing);
    }

    private ResultRow hostCopy(boolean toDevice) {
        GpuContext context = gpu.context();
        MemorySegment host = context.allocateHost(hostBytes());
        try (LineMemory memory = new LineMemory(gpu)) {
            host.fill((byte) 0x5A);
            long device = memory.single(hostBytes(), Content.F32);
            GpuTimer.Timing timing = timer.time(1, false, turn -> {
                if (toDevice) {
                    context.copyToDevice(device, host, gpu.stream());
                } else {
                    context.copyToHost(host, device, gpu.stream());
                }
            });
            String name = "copy to the " + (toDevice ? "device" : "host") + ", page-locked";
            return ResultRow.of(STAGE, name, bytes(hostBytes()), hostBytes() / timing.seconds() / GIGA, "GB/s")
                    .withNote(timing.toString());
        } finally {
            context.freeHost(host);
        }
    }

    private ResultRow kernel(KernelLine line) {
        try (LineMemory memory = new LineMemory(gpu)) {
            KernelLine.Launches launches = line.preparation().prepare(gpu, memory);
            GpuTimer.Timing timing = timer.time(memory.turns(), true, launches::enqueue);
            double rate = line.work().bytes() / timing.seconds() / GIGA;
            return ResultRow.of(STAGE, line.name(), line.shape(), rate, "GB/s")
                    .withCeiling(roofs.copyBytesPerSecond() / GIGA)
                    .shareAtLeast(COPY_KERNEL_TARGET)
                    .withNote(timing.toString());
        }
    }

    private static KernelLine.SkippedException noLibrary() {
        return new KernelLine.SkippedException("no cuBLASLt here");
    }

    private String library() {
        return gpu.context().matmulLibrary().orElseThrow(Ceilings::noLibrary).description();
    }

    private ResultRow product(String compute) {
        OptionalDouble rate = roofs.flopsPerSecond(compute);
        return ResultRow.of(
                        STAGE, "matrix product " + compute, side(), rate.orElseThrow(Ceilings::noLibrary) / TERA, "TFLOP/s")
                .withNote(library());
    }

    /** A layer's product in the library, by the resource that takes longer at best. */
    private ResultRow product(LinearShape shape, int tokens) {
        Optional<GpuTimer.Timing> found = roofs.matmul("bf16", tokens, shape.outputs(), shape.columns());
        GpuTimer.Timing timing = found.orElseThrow(Ceilings::noLibrary);
        double copy = roofs.copyBytesPerSecond();
        double flops = roofs.flopsPerSecond("bf16").orElseThrow(Ceilings::noLibrary);
        String described = shape.name() + ", " + shape.outputs() + " x " + shape.columns() + ", " + tokens + " rows";
        double moved = shape.bytes(LinearWeight.BF16, 2, tokens);
        double count = shape.flops(tokens);
        ResultRow row = moved / copy > count / flops
                ? ResultRow.of(STAGE, "matrix product bf16", described, moved / timing.seconds() / GIGA, "GB/s")
                        .withCeiling(copy / GIGA)
                : ResultRow.of(STAGE, "matrix product bf16", described, count / timing.seconds() / TERA, "TFLOP/s")
                        .withCeiling(flops / TERA);
        return row.withNote(timing.toString());
    }
}
