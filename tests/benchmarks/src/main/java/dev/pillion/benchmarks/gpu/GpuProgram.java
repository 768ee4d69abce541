package dev.pillion.benchmarks.gpu;

import dev.pillion.spi.BackendUnavailableException;

/** A program that measures on a GPU: reads the options, opens the device, and ends with a status that says what came of it. */
final class GpuProgram {
    private static final int SOME_FAILED = 1;
    private static final int CANNOT_START = 2;

    private GpuProgram() {}

    /** What the program does. */
    interface Body {
        /** Adds rows and returns how many measurements failed. */
        int run(BenchmarkGpu gpu, GpuOptions options, ResultRows rows);
    }

    /** Runs the program; ends the process unless all went well. */
    static void run(String[] args, Body body) {
        int status = 0;
        try {
            GpuOptions options = GpuOptions.parse(args);
            ResultRows rows = new ResultRows(options.out());
            try (BenchmarkGpu gpu = BenchmarkGpu.open(options.virtual())) {
                System.out.println(gpu.description());
                status = body.run(gpu, options, rows) > 0 ? SOME_FAILED : 0;
            }
        } catch (IllegalArgumentException | BackendUnavailableException e) {
            System.err.println("error: " + e.getMessage());
            status = CANNOT_START;
        }
        if (status != 0) {
            System.exit(status);
        }
    }
}
