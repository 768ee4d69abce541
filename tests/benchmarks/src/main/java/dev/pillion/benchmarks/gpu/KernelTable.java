package dev.pillion.benchmarks.gpu;

import dev.pillion.benchmarks.gpu.KernelLine.Launches;
import dev.pillion.benchmarks.gpu.KernelLine.SkippedException;
import dev.pillion.kernels.driver.GpuException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Every kernel's rate beside what the device does at best. A kernel that memory bounds is given in GB/s of its floor,
 * each input read and each output written once, beside a large copy; one that arithmetic bounds in TFLOP/s beside the
 * vendor's product of large matrices. Times are medians over replays of a graph, operands taken in turn from more memory
 * than the level 2 cache holds.
 *
 * <p>On the virtual GPU shapes are tiny and there are no times: a row's value is the number of warp instructions, and its
 * note the bytes that were counted, beside the floor.
 *
 * <p>Arguments: {@value GpuOptions#USAGE}. Lines come in the order of their worth; those that the minutes do not reach have
 * a row that says so. Exits with 1 if a line failed, with 2 if there is no device.
 */
public final class KernelTable {
    private static final String STAGE = "kernels";
    private static final double GIGA = 1e9;
    private static final double TERA = 1e12;
    /** FLOPs per byte from which a kernel is bound by arithmetic on every device the kernels run on. */
    private static final double CERTAIN_INTENSITY = 300;

    private final BenchmarkGpu gpu;
    private final GpuOptions options;
    private final ResultRows rows;
    private final long deadline;
    private int failures;

    KernelTable(BenchmarkGpu gpu, GpuOptions options, ResultRows rows) {
        this.gpu = gpu;
        this.options = options;
        this.rows = rows;
        deadline = System.nanoTime() + options.limit().toNanos();
    }

    /** Runs the measurement. */
    public static void main(String[] args) {
        GpuProgram.run(args, (gpu, options, rows) -> new KernelTable(gpu, options, rows).run());
    }

    /** Measures the lines and returns how many failed. */
    int run() {
        List<KernelLine> lines = (options.virtual() ? KernelLines.tiny() : KernelLines.full())
                .stream().filter(line -> line.matches(options.only())).toList();
        if (lines.isEmpty()) {
            throw new IllegalArgumentException("no line has \"" + options.only() + "\" in its name, shape or kernels");
        }
        try (GpuTimer timer = new GpuTimer(gpu)) {
            Roofs roofs = new Roofs(gpu, timer);
            boolean lost = false;
            for (KernelLine line : lines) {
                if (lost || System.nanoTime() > deadline) {
                    rows.add(missing(line, lost ? "the device was lost before" : "not measured: time over"));
                } else {
                    lost = !add(line, timer, roofs);
                }
            }
        }
        return failures;
    }

    private static ResultRow missing(KernelLine line, String reason) {
        return ResultRow.missing(STAGE, line.name(), line.shape(), "GB/s", reason);
    }

    /** Adds a line's row; false if the device is lost. */
    private boolean add(KernelLine line, GpuTimer timer, Roofs roofs) {
        ResultRow row;
        boolean lost = false;
        try {
            row = gpu.isVirtual() ? count(line) : time(line, timer, roofs);
        } catch (SkippedException e) {
            row = missing(line, "skipped: " + e.getMessage());
        } catch (GpuException e) {
            boolean tooLarge = e.resultName().equals("CUDA_ERROR_OUT_OF_MEMORY");
            failures += tooLarge ? 0 : 1;
            lost = e.sticky();
            row = tooLarge
                    ? missing(line, "skipped: " + e.getMessage())
                    : missing(line, "failed: " + e.getMessage()).target("", Optional.of(false));
        }
        rows.add(row);
        print(row);
        return !lost;
    }

    private ResultRow count(KernelLine line) {
        try (LineMemory memory = new LineMemory(gpu)) {
            Launches launches = line.preparation().prepare(gpu, memory);
            gpu.synchronize();
            gpu.takeLaunches();
            launches.enqueue(0);
            gpu.synchronize();
            LaunchTraffic traffic = LaunchTraffic.of(gpu.takeLaunches());
            // What the library's stand-in does is not counted.
            String counts = launches.recordable() ? traffic.beside(line.work()) : "own launches alone";
            return ResultRow.of(STAGE, line.name(), line.shape(), traffic.warpInstructions(), "warp instructions")
                    .withNote("virtual GPU, no times: " + counts + remark(launches));
        }
    }

    private static String remark(Launches launches) {
        return launches.note().isEmpty() ? "" : "; " + launches.note();
    }

    private ResultRow time(KernelLine line, GpuTimer timer, Roofs roofs) {
        double copy = roofs.copyBytesPerSecond();
        OptionalDouble flops = line.work().flops() == 0 ? OptionalDouble.empty() : roofs.flopsPerSecond(line.compute());
        try (LineMemory memory = new LineMemory(gpu)) {
            Launches launches = line.preparation().prepare(gpu, memory);
            int turns = Math.max(memory.turns(), launches.turns());
            GpuTimer.Timing timing = timer.time(turns, launches.recordable(), launches::enqueue);
            boolean cached = line.work().bytes() * turns < 2 * gpu.context().device().l2Bytes();
            String note = timing + remark(launches) + (cached ? "; operands fit the level 2 cache" : "");
            ResultRow row = row(line, timing.seconds(), copy, flops).withNote(note);
            return line.target() > 0 ? row.shareAtLeast(line.target()) : row;
        }
    }

    /** By the resource that takes longer at best. */
    private static ResultRow row(KernelLine line, double seconds, double copy, OptionalDouble flops) {
        Work work = line.work();
        boolean arithmetic = flops.isPresent()
                ? work.flops() / flops.getAsDouble() > work.bytes() / copy
                : work.flops() > CERTAIN_INTENSITY * work.bytes();
        if (!arithmetic) {
            return ResultRow.of(STAGE, line.name(), line.shape(), work.bytes() / seconds / GIGA, "GB/s")
                    .withCeiling(copy / GIGA);
        }
        ResultRow row = ResultRow.of(STAGE, line.name(), line.shape(), work.flops() / seconds / TERA, "TFLOP/s");
        return flops.isPresent() ? row.withCeiling(flops.getAsDouble() / TERA) : row;
    }

    private static void print(ResultRow row) {
        String value = row.value().isPresent() ? String.format("%.1f %s", row.value().getAsDouble(), row.unit()) : "-";
        String share = row.share().isPresent() ? String.format("%.0f %%", 100 * row.share().getAsDouble()) : "";
        System.out.printf("%-34s %-62s %22s %6s  %s%n", row.name(), row.shape(), value, share, row.note());
    }
}
