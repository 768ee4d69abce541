package dev.pillion.kernels.virtual;

/** The way to the block's shared memory; addresses are offsets. */
final class SharedPort extends Port {
    private final SharedMemory memory;
    private final Checks checks;
    private final boolean watched;

    SharedPort(Warp warp, SharedMemory memory, Checks checks) {
        super(warp);
        this.memory = memory;
        this.checks = checks;
        watched = memory.watched();
    }

    SharedMemory memory() {
        return memory;
    }

    @Override
    int read(long address, int bytes, int lane, Site site) {
        int at = locate("read", address, bytes, lane, site);
        if (at >= 0 && watched) {
            memory.read(warp, lane, at, bytes, site);
        }
        return Math.max(at, 0);
    }

    @Override
    int write(long address, int bytes, int lane, Site site) {
        int at = locate("write", address, bytes, lane, site);
        overlap = at >= 0 && watched && memory.write(warp, lane, at, bytes, site, false);
        return Math.max(at, 0);
    }

    @Override
    int update(long address, int bytes, int lane, Site site) {
        int at = locate("update", address, bytes, lane, site);
        if (at >= 0 && watched) {
            if (checks.unwritten() && memory.firstUnwritten(at, bytes) >= 0) {
                throw unwritten(address, bytes, lane, site);
            }
            memory.write(warp, lane, at, bytes, site, true);
        }
        return Math.max(at, 0);
    }

    /** Finds bytes of an access that is noted elsewhere; -1 if they are not there and nobody minds. */
    int locate(String access, long address, int bytes, int lane, Site site) {
        if (address < 0 || address + bytes > memory.data.length) {
            if (checks.bounds()) {
                throw outside(access, address, bytes, lane, site);
            }
            nowhere();
            return -1;
        }
        if ((address & bytes - 1) != 0 && checks.alignment()) {
            throw misaligned(access, address, bytes, lane, site);
        }
        data = memory.data;
        return (int) address;
    }

    @Override
    String space() {
        return "shared memory";
    }

    @Override
    String describe(long address) {
        return "the block has " + memory.data.length + " bytes";
    }
}
