package dev.pillion.kernels.virtual;

import java.util.Arrays;

/** A warp's way to one state space. It finds the bytes of an access and checks that they may be accessed. */
abstract class Port {
    /** Stands for memory that is not there, where bounds are not checked. */
    private static final byte[] NOWHERE = new byte[64];

    /** Where the bytes of the last access lie. */
    byte[] data = NOWHERE;

    /** Whether another lane wrote the same bytes in the same instruction. */
    boolean overlap;

    final Warp warp;

    Port(Warp warp) {
        this.warp = warp;
    }

    /**
     * Finds bytes to read.
     *
     * @param address address in the space
     * @param bytes 1, 2, 4, 8 or 16
     * @param lane who reads
     * @param site the instruction
     * @return where in {@link #data} they start
     */
    abstract int read(long address, int bytes, int lane, Site site);

    /** Finds bytes to write, and notes that they are. */
    abstract int write(long address, int bytes, int lane, Site site);

    /** Finds bytes to read and write in one step that other threads see as one. */
    int update(long address, int bytes, int lane, Site site) {
        return write(address, bytes, lane, site);
    }

    /** What an update of an address locks. */
    Object lock(long address) {
        return this;
    }

    /** Bytes that swallow writes and read as zero. */
    final int nowhere() {
        Arrays.fill(NOWHERE, (byte) 0);
        data = NOWHERE;
        return 0;
    }

    final KernelFault misaligned(String access, long address, int bytes, int lane, Site site) {
        return Reports.memory(CudaResult.MISALIGNED_ADDRESS, Check.ALIGNMENT, "misaligned " + access + " of " + bytes
                + " bytes", warp, lane, site, address, space());
    }

    final KernelFault outside(String access, long address, int bytes, int lane, Site site) {
        return Reports.memory(CudaResult.ILLEGAL_ADDRESS, Check.BOUNDS, "out-of-bounds " + access + " of " + bytes
                + " bytes", warp, lane, site, address, space() + ": " + describe(address));
    }

    final KernelFault unwritten(long address, int bytes, int lane, Site site) {
        return Reports.memory(CudaResult.LAUNCH_FAILED, Check.UNWRITTEN, "read of " + bytes
                + " bytes that were never written",
                warp, lane, site, address, space() + ": " + describe(address));
    }

    /** Name of the space. */
    abstract String space();

    /** Where an address lies in the space. */
    abstract String describe(long address);
}
