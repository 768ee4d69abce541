package dev.pillion.kernels.virtual;

import java.util.Arrays;

/**
 * Counts the bytes of device memory that kernels touch. Lanes of one instruction that touch the same bytes count once,
 * as the hardware fetches them once; sectors are the pieces of 32 bytes in which it fetches.
 */
final class Traffic {
    private static final int SECTOR_SHIFT = 5;

    long bytesRead;
    long bytesWritten;
    long sectorsRead;
    long sectorsWritten;

    /** Addresses of the instruction that runs. */
    final long[] addresses = new long[Lanes.COUNT];

    void countRead(int lanes, int bytes) {
        sort(lanes);
        bytesRead += (long) distinct(lanes, 0) * bytes;
        sectorsRead += distinct(lanes, SECTOR_SHIFT);
    }

    /** Counts bytes in a row. */
    void countReadRow(long first, int length) {
        bytesRead += length;
        sectorsRead += (first + length - 1 >>> SECTOR_SHIFT) - (first >>> SECTOR_SHIFT) + 1;
    }

    /** Counts bytes in a row. */
    void countWriteRow(long first, int length) {
        bytesWritten += length;
        sectorsWritten += (first + length - 1 >>> SECTOR_SHIFT) - (first >>> SECTOR_SHIFT) + 1;
    }

    void countWrite(int lanes, int bytes) {
        sort(lanes);
        bytesWritten += (long) distinct(lanes, 0) * bytes;
        sectorsWritten += distinct(lanes, SECTOR_SHIFT);
    }

    private void sort(int lanes) {
        for (int i = 1; i < lanes; i++) {
            if (addresses[i] < addresses[i - 1]) {
                Arrays.sort(addresses, 0, lanes);
                return;
            }
        }
    }

    private int distinct(int lanes, int shift) {
        int count = 1;
        for (int i = 1; i < lanes; i++) {
            count += addresses[i] >>> shift != addresses[i - 1] >>> shift ? 1 : 0;
        }
        return count;
    }

    void add(Traffic other) {
        bytesRead += other.bytesRead;
        bytesWritten += other.bytesWritten;
        sectorsRead += other.sectorsRead;
        sectorsWritten += other.sectorsWritten;
    }

    void clear() {
        bytesRead = 0;
        bytesWritten = 0;
        sectorsRead = 0;
        sectorsWritten = 0;
    }
}
