package dev.pillion.cuda;

import dev.pillion.kernels.driver.GpuContext;

/** Copies KV blocks within the device and between it and the host tier; a block is one contiguous span. */
final class BlockCopy {
    private BlockCopy() {}

    /** Puts the copy on a stream, before the work that reads or overwrites either block. */
    static void enqueue(
            GpuContext context, CudaKvPool from, int fromBlock, CudaKvPool to, int toBlock, long stream) {
        boolean onDevice = from.tier() == CudaKvPool.Tier.DEVICE;
        boolean toDevice = to.tier() == CudaKvPool.Tier.DEVICE;
        if (onDevice && toDevice) {
            long bytes = from.layout().bytesPerBlock();
            context.copyOnDevice(to.block(toBlock), from.block(fromBlock), bytes, stream);
        } else if (onDevice) {
            context.copyToHost(to.hostBlock(toBlock), from.block(fromBlock), stream);
        } else if (toDevice) {
            context.copyToDevice(to.block(toBlock), from.hostBlock(fromBlock), stream);
        } else {
            // The stream may still read or write either block.
            context.synchronize(stream);
            to.hostBlock(toBlock).copyFrom(from.hostBlock(fromBlock));
        }
    }
}
