package dev.pillion.kernels.virtual;

import dev.pillion.kernels.driver.GpuDeviceInfo;

/**
 * How many blocks a multiprocessor holds at a time: the least that threads, shared memory, registers and the number of
 * blocks allow. The registers are an estimate, since ptxas is not at hand.
 */
final class Occupancy {
    private static final int MAX_BLOCKS = 32;
    private static final int RESERVED_SHARED_PER_BLOCK = 1024;
    private static final int REGISTERS = 65536;
    private static final int MAX_REGISTERS_PER_THREAD = 255;
    private static final int REGISTER_GRANULARITY = 8;

    private Occupancy() {}

    static int blocks(GpuDeviceInfo device, Program program, int blockThreads, int sharedBytes) {
        if (blockThreads <= 0 || blockThreads > 1024 || sharedBytes < 0) {
            throw CudaResult.INVALID_VALUE.exception("computing occupancy for " + blockThreads + " threads");
        }
        int threads = (blockThreads + Lanes.COUNT - 1) / Lanes.COUNT * Lanes.COUNT;
        int shared = program.sharedBytes(sharedBytes);
        if (shared > device.sharedBytesPerBlock()) {
            return 0;
        }
        int perThread = Math.clamp((program.registers() + REGISTER_GRANULARITY - 1) / REGISTER_GRANULARITY
                * REGISTER_GRANULARITY, 16, MAX_REGISTERS_PER_THREAD + 1);
        int byThreads = device.threadsPerMultiprocessor() / threads;
        int byShared = device.sharedBytesPerMultiprocessor() / (shared + RESERVED_SHARED_PER_BLOCK);
        int byRegisters = REGISTERS / (perThread * threads);
        return Math.min(Math.min(byThreads, byShared), Math.min(byRegisters, MAX_BLOCKS));
    }
}
