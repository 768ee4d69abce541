package dev.pillion.kernels.virtual;

import java.util.Arrays;

/**
 * Shared memory of a block and its shadow. For each granule, the smallest piece that any instruction of the kernel
 * accesses, the shadow knows the last write and, for each warp, the last read, stamped with the clock of the warp that
 * did it. A warp's clock ticks when it synchronises; what another warp did is ordered before an access if the stamp is
 * less than what the accessing warp knew of that warp's clock at their last common barrier (vector clocks, as in
 * Flanagan and Freund, "FastTrack", PLDI 2009, with warps in the place of threads).
 */
final class SharedMemory {
    private static final int MANY = 32;
    private static final int LINE_BITS = 24;
    private static final int CLOCK_SHIFT = 11 + LINE_BITS;

    final byte[] data;
    private final ThreadBlock block;
    private final Checks checks;
    private final int granuleShift;
    private final int warps;

    /** Last write of each granule: thread, whether atomic, line, clock; 0 for none. */
    private final long[] writes;

    /** Last read of each granule by each warp: lane or {@link #MANY}, clock; 0 for none. */
    private final int[] reads;

    /** Line of the last read of each granule. */
    private final int[] readLines;

    /** Granules that a copy under way will write. */
    private final boolean[] pending;

    SharedMemory(ThreadBlock block, int bytes, int granule, int warps, Checks checks) {
        this.block = block;
        this.checks = checks;
        this.warps = warps;
        data = new byte[bytes];
        granuleShift = Integer.numberOfTrailingZeros(granule);
        int granules = (bytes + granule - 1) >> granuleShift;
        writes = new long[checks.races() || checks.unwritten() ? granules : 0];
        reads = new int[checks.races() ? granules * warps : 0];
        readLines = new int[checks.races() ? granules : 0];
        pending = new boolean[checks.races() ? granules : 0];
    }

    /** Whether accesses are to be noted. */
    boolean watched() {
        return writes.length > 0;
    }

    /** Forgets everything: another block begins. */
    void reset() {
        Arrays.fill(writes, 0);
        Arrays.fill(reads, 0);
        Arrays.fill(pending, false);
    }

    /** Notes a read and checks it. */
    void read(Warp warp, int lane, int offset, int bytes, Site site) {
        int last = offset + bytes - 1 >> granuleShift;
        for (int g = offset >> granuleShift; g <= last; g++) {
            long write = writes[g];
            if (write == 0) {
                if (checks.unwritten()) {
                    throw warp.shared.unwritten(offset, bytes, lane, site);
                }
            } else if (checks.races() && !ordered(write, warp, lane)) {
                throw race("read", warp, lane, offset, bytes, site, "written by " + writer(write));
            }
            if (checks.races()) {
                if (pending[g]) {
                    throw race("read", warp, lane, offset, bytes, site, "still being written by cp.async");
                }
                noteRead(g, warp, lane, site);
            }
        }
    }

    private void noteRead(int g, Warp warp, int lane, Site site) {
        int at = g * warps + warp.index;
        int clock = warp.clock();
        int mine = clock << 6 | lane;
        int before = reads[at];
        if (before != mine) {
            reads[at] = before >>> 6 == clock ? clock << 6 | MANY : mine;
        }
        readLines[g] = site.line();
    }

    /** First of some bytes that nobody wrote, or -1. */
    int firstUnwritten(int offset, int bytes) {
        int last = offset + bytes - 1 >> granuleShift;
        for (int g = offset >> granuleShift; g <= last; g++) {
            if (writes[g] == 0) {
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
            if (checks.races()) {
                overlap |= checkWrite(g, warp, lane, offset, bytes, site, atomic);
            }
            writes[g] = stamp;
        }
        return overlap;
    }

    private boolean checkWrite(int g, Warp warp, int lane, int offset, int bytes, Site site, boolean atomic) {
        boolean overlap = false;
        long write = writes[g];
        if (write != 0 && !ordered(write, warp, lane) && !(atomic && (write & 1 << 10) != 0)) {
            overlap = warp.index == thread(write) >> 5 && line(write) == site.line() && clock(write) == warp.clock();
            if (!overlap) {
                throw race("write", warp, lane, offset, bytes, site, "written by " + writer(write));
            }
        }
        for (int w = 0; w < warps; w++) {
            int read = reads[g * warps + w];
            if (read != 0 && read >>> 6 >= warp.knows(w) && !(w == warp.index && (read & 63) == lane)) {
                throw race("write", warp, lane, offset, bytes, site, "read by "
                        + ((read & 63) == MANY ? "several threads of warp " + w : block.thread(w * 32 + (read & 63)))
                        + " (PTX line " + readLines[g] + ")");
            }
        }
        if (pending[g]) {
            throw race("write", warp, lane, offset, bytes, site, "still being written by cp.async");
        }
        return overlap;
    }

    /** Notes that a copy will write bytes, which nobody may touch until it is waited for. */
    void begin(Warp warp, int lane, int offset, int bytes, Site site) {
        if (!checks.races()) {
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
        long stamp = stamp(warp, lane, site, false);
        int last = offset + bytes - 1 >> granuleShift;
        for (int g = offset >> granuleShift; g <= last; g++) {
            if (checks.races()) {
                pending[g] = false;
            }
            writes[g] = stamp;
        }
    }

    private static long stamp(Warp warp, int lane, Site site, boolean atomic) {
        return (long) warp.clock() << CLOCK_SHIFT | (long) (site.line() & (1 << LINE_BITS) - 1) << 11
                | (atomic ? 1 << 10 : 0) | warp.index * 32 + lane;
    }

    private static int thread(long write) {
        return (int) write & 1023;
    }

    private static int line(long write) {
        return (int) (write >>> 11) & (1 << LINE_BITS) - 1;
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
        return Reports.memory(CudaResult.LAUNCH_FAILED, Check.SHARED_RACE, "race: " + access + " of " + bytes + " bytes",
                warp, lane, site, offset, "shared memory, " + other + " with no barrier between");
    }
}
