package dev.pillion.kernels.virtual;

import java.util.Arrays;

/** The way to the threads' own memory; addresses are offsets in the own piece. */
final class LocalPort extends Port {
    private final Checks checks;
    private final int perThread;
    private final byte[] bytes;
    private final byte[] written;

    LocalPort(Warp warp, int perThread, Checks checks) {
        super(warp);
        this.checks = checks;
        this.perThread = perThread;
        bytes = new byte[perThread * Lanes.COUNT];
        written = new byte[checks.unwritten() ? bytes.length : 0];
    }

    /** Forgets everything: another block begins. */
    void reset() {
        Arrays.fill(written, (byte) 0);
    }

    @Override
    int read(long address, int count, int lane, Site site) {
        int at = locate("read", address, count, lane, site);
        if (at >= 0 && checks.unwritten() && !Bytes.allSet(written, at, count)) {
            throw unwritten(address, count, lane, site);
        }
        return Math.max(at, 0);
    }

    @Override
    int write(long address, int count, int lane, Site site) {
        int at = locate("write", address, count, lane, site);
        if (at >= 0 && checks.unwritten()) {
            Bytes.set(written, at, count);
        }
        return Math.max(at, 0);
    }

    private int locate(String access, long address, int count, int lane, Site site) {
        if (address < 0 || address + count > perThread) {
            if (checks.bounds()) {
                throw outside(access, address, count, lane, site);
            }
            nowhere();
            return -1;
        }
        if ((address & count - 1) != 0 && checks.alignment()) {
            throw misaligned(access, address, count, lane, site);
        }
        data = bytes;
        return lane * perThread + (int) address;
    }

    @Override
    String space() {
        return "local memory";
    }

    @Override
    String describe(long address) {
        return "a thread has " + perThread + " bytes";
    }
}
