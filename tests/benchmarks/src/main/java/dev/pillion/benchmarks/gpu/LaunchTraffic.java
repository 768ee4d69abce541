package dev.pillion.benchmarks.gpu;

import dev.pillion.kernels.virtual.LaunchStatistics;
import java.util.List;
import java.util.Locale;

/**
 * What the virtual GPU counted while a line ran once.
 *
 * @param warpInstructions instructions, counted once per warp
 * @param laneInstructions instructions, counted once per thread
 * @param bytesRead bytes that instructions read from device memory, what lanes of one instruction share counted once
 * @param bytesWritten likewise written
 * @param sectorBytes bytes of the sectors of 32 that were touched, read or written
 */
record LaunchTraffic(long warpInstructions, long laneInstructions, long bytesRead, long bytesWritten, long sectorBytes) {
    private static final int SECTOR_BYTES = 32;

    /** Adds up launches. */
    static LaunchTraffic of(List<LaunchStatistics> launches) {
        long warps = 0;
        long lanes = 0;
        long read = 0;
        long written = 0;
        long sectors = 0;
        for (LaunchStatistics launch : launches) {
            warps += launch.warpInstructions();
            lanes += launch.laneInstructions();
            read += launch.bytesRead();
            written += launch.bytesWritten();
            sectors += launch.sectorsRead() + launch.sectorsWritten();
        }
        return new LaunchTraffic(warps, lanes, read, written, sectors * SECTOR_BYTES);
    }

    /** The counts beside what cannot be avoided. */
    String beside(Work floor) {
        return String.format(
                Locale.ROOT,
                "read %d of %d bytes (%.2f), wrote %d of %d (%.2f), sectors %.2f, %.1f lanes an instruction",
                bytesRead,
                floor.bytesRead(),
                (double) bytesRead / floor.bytesRead(),
                bytesWritten,
                floor.bytesWritten(),
                (double) bytesWritten / floor.bytesWritten(),
                (double) sectorBytes / floor.bytes(),
                (double) laneInstructions / warpInstructions);
    }
}
