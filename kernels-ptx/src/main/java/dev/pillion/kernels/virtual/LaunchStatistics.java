package dev.pillion.kernels.virtual;

/**
 * What a launch executed and how much device memory it touched. Lanes of one instruction that touch the same bytes
 * count once, as the hardware fetches them once; caches are not modelled. A sector is 32 bytes.
 *
 * @param kernel the kernel
 * @param blocks blocks of the grid
 * @param threads threads of a block
 * @param warpInstructions instructions, counted once per warp
 * @param laneInstructions instructions, counted once per thread
 * @param bytesRead bytes of device memory read
 * @param bytesWritten bytes of device memory written
 * @param sectorsRead sectors of device memory read
 * @param sectorsWritten sectors of device memory written
 * @param nanos time that the virtual GPU took
 */
public record LaunchStatistics(
        String kernel,
        long blocks,
        int threads,
        long warpInstructions,
        long laneInstructions,
        long bytesRead,
        long bytesWritten,
        long sectorsRead,
        long sectorsWritten,
        long nanos) {}
