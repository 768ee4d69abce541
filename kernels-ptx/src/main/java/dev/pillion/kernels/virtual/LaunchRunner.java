package dev.pillion.kernels.virtual;

import dev.pillion.kernels.driver.GpuDeviceInfo;
import dev.pillion.kernels.driver.KernelLaunch;
import java.lang.foreign.ValueLayout;
import java.util.Optional;

/** Checks launches as the driver does and runs them. */
final class LaunchRunner {
    private static final int MAX_THREADS = 1024;
    private static final int MAX_THREADS_Z = 64;
    private static final int MAX_GRID_YZ = 65535;

    private final GpuDeviceInfo device;
    private final VirtualGpuDriver.Settings settings;
    private final ContextState state;
    private final DeviceMemory memory;

    LaunchRunner(GpuDeviceInfo device, VirtualGpuDriver.Settings settings, ContextState state, DeviceMemory memory) {
        this.device = device;
        this.settings = settings;
        this.state = state;
        this.memory = memory;
    }

    /** Checks a launch and copies its arguments; the result runs it, as often as one likes. */
    Runnable prepare(KernelLaunch launch, VirtualFunction function) {
        Program program = function.program();
        String call = "launching " + program.name() + " on grid (" + launch.gridX() + ", " + launch.gridY() + ", "
                + launch.gridZ() + "), block (" + launch.blockX() + ", " + launch.blockY() + ", " + launch.blockZ()
                + "), " + launch.sharedBytes() + " bytes of dynamic shared memory";
        if (!launch.signature().sizes().equals(program.signature().sizes())) {
            throw CudaResult.INVALID_VALUE.exception(call + ": parameters of " + launch.signature().sizes()
                    + " bytes, not " + program.signature().sizes());
        }
        Launch.Size grid = new Launch.Size(launch.gridX(), launch.gridY(), launch.gridZ());
        Launch.Size block = new Launch.Size(launch.blockX(), launch.blockY(), launch.blockZ());
        requireShape(call, grid, block);
        if (program.maxThreads() > 0 && block.product() > program.maxThreads()) {
            throw CudaResult.LAUNCH_OUT_OF_RESOURCES.exception(call + ": the kernel is compiled for "
                    + program.maxThreads() + " threads");
        }
        int dynamic = launch.sharedBytes();
        if (dynamic < 0 || dynamic > function.allowedShared()
                || program.sharedBytes(dynamic) > device.sharedBytesPerBlock()) {
            throw CudaResult.INVALID_VALUE.exception(call + ": " + function.allowedShared() + " are allowed beside "
                    + program.sharedBytes() + " static ones");
        }
        byte[] arguments = launch.values().asSlice(0, program.signature().bytes()).toArray(ValueLayout.JAVA_BYTE);
        Launch prepared = new Launch(program, grid, block, dynamic, arguments, memory, settings.checks(),
                device.multiprocessors(), settings.instructionLimit(), state);
        if (settings.faults().refuses(program.name())) {
            throw CudaResult.LAUNCH_OUT_OF_RESOURCES.exception(call + " (injected fault)");
        }
        return () -> run(prepared);
    }

    private static void requireShape(String call, Launch.Size grid, Launch.Size block) {
        boolean positive = grid.x() > 0 && grid.y() > 0 && grid.z() > 0 && block.x() > 0 && block.y() > 0
                && block.z() > 0;
        if (!positive || grid.y() > MAX_GRID_YZ || grid.z() > MAX_GRID_YZ || block.x() > MAX_THREADS
                || block.y() > MAX_THREADS || block.z() > MAX_THREADS_Z || block.product() > MAX_THREADS) {
            throw CudaResult.INVALID_VALUE.exception(call);
        }
    }

    private void run(Launch launch) {
        String kernel = launch.program().name();
        Optional<FaultPlan.LaunchFault> fault = settings.faults().launch(kernel);
        if (fault.isPresent()) {
            meet(fault.get(), kernel);
            return;
        }
        long start = System.nanoTime();
        GridRun.Counts counts = GridRun.run(launch, settings.threads());
        settings.listener().accept(new LaunchStatistics(kernel, launch.grid().product(), (int) launch.block().product(),
                counts.instructions, counts.laneInstructions, counts.traffic.bytesRead, counts.traffic.bytesWritten,
                counts.traffic.sectorsRead, counts.traffic.sectorsWritten, System.nanoTime() - start));
    }

    private void meet(FaultPlan.LaunchFault fault, String kernel) {
        switch (fault) {
            case ILLEGAL_ADDRESS -> throw new KernelFault(CudaResult.ILLEGAL_ADDRESS, null, "kernel " + kernel
                    + ": injected fault");
            case HANG -> settings.faults().hang(state);
            default -> throw new KernelFault(CudaResult.LAUNCH_FAILED, null, "kernel " + kernel + ": injected fault");
        }
    }
}
