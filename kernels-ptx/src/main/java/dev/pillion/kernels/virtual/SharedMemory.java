package dev.pillion.kernels.virtual;

import java.util.Arrays;

/**
 * Shared memory of a block and its shadow. For each granule, the smallest piece that any instruction of the kernel
 * accesses, the shadow knows the last write and, for each warp, the last read, stamped with the clock of the warp that
 * did it. A warp's clock ticks when it synchronises; what another warp did is ordered before an access if the stamp is
 * less than what the accessing warp knew of that warp's clock at their last common barrier (vector clocks, as in
 * Flanagan and Freund, "FastTrack", PLDI 2009, with warps in the place of threads). Clocks run on from block to block,
 * so that the shadow need not be cleared between them: what is older than the block is no access of it.
 */
final class SharedMemory {
    private static final int MANY = 32;
    private static final int ATOMIC = 1 << 10;
    private static final int LINE_SHIFT = 11;
    private static final int LINE_MASK = (1 << 24) - 1;
    private static final int CLOCK_SHIFT = 35;

    /** Clocks at which the shadow is cleared, so that they fit their fields. */
    private static final int CLOCK_LIMIT = 1 << 25;

    final byte[] data;
    private final ThreadBlock block;
    private final boolean races;
    private final boolean unwritten;
    private final int granuleShift;
    private final int warps;

    /** Last write of each granule: thread, whether atomic, line, clock; 0 for none. */
    private final long[] writes;

    /** Last read of each granule by each warp: lane or {@link #MANY}, clock; 0 for none. */
    private final int[] reads;

    /** Last read of each granule by any warp: line, and the number of the interval between barriers of the block. */
    private final long[] lastReads;

    /** Granules that a copy under way will write. */
    private final boolean[] pending;

    /** Clock of all warps when the block began. */
    private int start;

    /** Number of the interval between barriers of the whole block. */
    private int interval;

    SharedMemory(ThreadBlock block, int bytes, int granule, int warps, Checks checks) {
        this.block = block;
        this.warps = warps;
        races = checks.races();
        unwritten = checks.unwritten();
        data = new byte[bytes];
        granuleShift = Integer.numberOfTrailingZeros(granule);
        int granules = (bytes + granule - 1) >> granuleShift;
        writes = new long[races || unwritten ? granules : 0];
        reads = new int[races ? granules * warps : 0];
        lastReads = new long[races ? granules : 0];
        pending = new boolean[races ? granules : 0];
    }

    /** Whether accesses are to be noted. */
    boolean watched() {
        return writes.length > 0;
    }

    /**
     * Forgets everything: another block begins.
     *
     * @param highest the highest clock so far
     * @return the clock that all warps start from
     */
    int reset(int highest) {
        interval++;
        start = highest + 1;
        if (start > CLOCK_LIMIT || interval > CLOCK_LIMIT) {
            Arrays.fill(writes, 0);
            Arrays.fill(reads, 0);
            Arrays.fill(lastReads, 0);
            start = 1;
            interval = 1;
        }
        Arrays.fill(pending, false);
        return start;
    }

    /** All warps have met. */
    void nextInterval() {
        interval++;
    }

    private boolean never(long write) {
        return clock(write) <= start;
    }

    /** Notes a read and checks it. */
    void read(Warp warp, int lane, int offset, int bytes, Site site) {
        int last = offset + bytes - 1 >> granuleShift;
        int first = offset >> granuleShift;
        int clock = warp.clock();
        int[] known = warp.known();
        int thread = warp.index * 32 + lane;
        long readStamp = (long) interval << 24 | site.line() & LINE_MASK;
        for (int g = first; g <= last; g++) {
            long write = writes[g];
            if (never(write)) {
                if (unwritten) {
                    throw warp.shared.unwritten(offset, bytes, lane, site);
                }
            } else if (races && clock(write) >= known[thread(write) >> 5] && thread(write) != thread) {
                throw race("read", warp, lane, offset, bytes, site, "written by " + writer(write));
            }
            if (races) {
                if (pending[g]) {
                    throw race("read", warp, lane, offset, bytes, site, "still being written by cp.async");
                }
                int at = g * warps + warp.index;
                int mine = clock << 6 | lane;
                int before = reads[at];
                if (before != mine) {
                    reads[at] = before >>> 6 == clock ? clock << 6 | MANY : mine;
                }
                lastReads[g] = readStamp;
            }
        }
    }

    /** First of some bytes that nobody wrote, or -1. */
    int firstUnwritten(int offset, int bytes) {
        int last = offset + bytes - 1 >> granuleShift;
        for (int g = offset >> granuleShift; g <= last; g++) {
            if (never(writes[g])) {
                return Math.max(offset, g << granuleShift);
            }
        }
        return -1;
    }

    /**
     * Notes a write and checks it.
     *
     * @return whether another lane wrote some of the bytes in the same instruction
     */
    boolean write(Warp warp, int lane, int offset, int bytes, Site site, boolean atomic) {
        boolean overlap = false;
        long stamp = stamp(warp, lane, site, atomic);
        int last = offset + bytes - 1 >> granuleShift;
        for (int g = offset >> granuleShift; g <= last; g++) {
            if (races) {
                overlap |= checkWrite(g, warp, lane, offset, bytes, site, atomic);
            }
            writes[g] = stamp;
        }
        return overlap;
    }

    private boolean checkWrite(int g, Warp warp, int lane, int offset, int bytes, Site site, boolean atomic) {
        boolean overlap = false;
        long write = writes[g];
        if (!never(write) && !ordered(write, warp, lane) && !(atomic && (write & ATOMIC) != 0)) {
            overlap = warp.index == thread(write) >> 5 && line(write) == site.line() && clock(write) == warp.clock();
            if (!overlap) {
                throw race("write", warp, lane, offset, bytes, site, "written by " + writer(write));
            }
        }
        // Reads before the last barrier of the whole block need no look.
        if (lastReads[g] >>> 24 == interval) {
            checkReads(g, warp, lane, offset, bytes, site);
        }
        if (pending[g]) {
            throw race("write", warp, lane, offset, bytes, site, "still being written by cp.async");
        }
        return overlap;
    }

    private void checkReads(int g, Warp warp, int lane, int offset, int bytes, Site site) {
        for (int w = 0; w < warps; w++) {
            int read = reads[g * warps + w];
            if (read >>> 6 > start && read >>> 6 >= warp.knows(w) && !(w == warp.index && (read & 63) == lane)) {
                throw race("write", warp, lane, offset, bytes, site, "read by "
                        + ((read & 63) == MANY ? "several threads of warp " + w : block.thread(w * 32 + (read & 63)))
                        + " (PTX line " + (lastReads[g] & LINE_MASK) + ")");
            }
        }
    }

    /** Notes that a copy will write bytes, which nobody may touch until it is waited for. */
    void begin(Warp warp, int lane, int offset, int bytes, Site site) {
        if (!races) {
            return;
        }
        int last = offset + bytes - 1 >> granuleShift;
        for (int g = offset >> granuleShift; g <= last; g++) {
            if (checkWrite(g, warp, lane, offset, bytes, site, false)) {
                throw race("write", warp, lane, offset, bytes, site, "written by the same instruction");
            }
            pending[g] = true;
        }
    }

    /** Notes that a copy has written bytes. */
    void end(Warp warp, int lane, int offset, int bytes, Site site) {
        if (writes.length == 0) {
            return;
        }
        int first = offset >> granuleShift;
        int end = (offset + bytes - 1 >> granuleShift) + 1;
        Arrays.fill(writes, first, end, stamp(warp, lane, site, false));
        if (races) {
            Arrays.fill(pending, first, end, false);
        }
    }

    private static long stamp(Warp warp, int lane, Site site, boolean atomic) {
        return (long) warp.clock() << CLOCK_SHIFT | (long) (site.line() & LINE_MASK) << LINE_SHIFT
                | (atomic ? ATOMIC : 0) | warp.index * 32 + lane;
    }

    private static int thread(long write) {
        return (int) write & ATOMIC - 1;
    }

    private static int line(long write) {
        return (int) (write >>> LINE_SHIFT) & LINE_MASK;
    }

    private static int clock(long write) {
        return (int) (write >>> CLOCK_SHIFT);
    }

    private static boolean ordered(long write, Warp warp, int lane) {
        int thread = thread(write);
        return thread == warp.index * 32 + lane || clock(write) < warp.knows(thread >> 5);
    }

    private String writer(long write) {
        return block.thread(thread(write)) + " (PTX line " + line(write) + ")";
    }

    /** The report of two lanes that wrote different values to the same bytes in one instruction. */
    KernelFault conflict(Warp warp, int lane, long offset, int bytes, Site site) {
        return race("write", warp, lane, (int) offset, bytes, site,
                "written with another value by a lower lane of the same instruction");
    }

    private KernelFault race(String access, Warp warp, int lane, int offset, int bytes, Site site, String other) {
        return Reports.memory(CudaResult.LAUNCH_FAILED, Check.SHARED_RACE, "race: " + access + " of " + bytes
                + " bytes",
                warp, lane, site, offset, "shared memory, " + other + " with no barrier between");
    }
}
