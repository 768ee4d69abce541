package dev.pillion.kernels.virtual;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The way to device memory. */
final class GlobalPort extends Port {
    private final DeviceMemory memory;
    private final Checks checks;
    private @Nullable Page page;
    private long pageIndex = -1;

    GlobalPort(Warp warp, DeviceMemory memory, Checks checks) {
        super(warp);
        this.memory = memory;
        this.checks = checks;
    }

    private @Nullable Page page(long address) {
        long index = address - DeviceMemory.BASE >>> Page.SHIFT;
        if (index != pageIndex) {
            page = memory.page(address);
            pageIndex = index;
        }
        return page;
    }

    /** Forgets which page it saw last, since it may be freed. */
    void forget() {
        page = null;
        pageIndex = -1;
    }

    @Override
    int read(long address, int bytes, int lane, Site site) {
        Page at = page(address);
        int offset = (int) (address - DeviceMemory.BASE) & Page.BYTES - 1;
        if (at == null || offset + bytes > at.length()) {
            return missing("read", address, bytes, lane, site);
        }
        if ((address & bytes - 1) != 0 && checks.alignment()) {
            throw misaligned("read", address, bytes, lane, site);
        }
        byte[] bytesAt = at.data();
        if (bytesAt == null) {
            if (checks.unwritten()) {
                throw unwritten(address, bytes, lane, site);
            }
            bytesAt = at.materialise(memory.tracks());
        }
        byte[] written = at.written();
        if (written != null && checks.unwritten() && !Bytes.allSet(written, offset, bytes)) {
            throw unwritten(address, bytes, lane, site);
        }
        data = bytesAt;
        return offset;
    }

    @Override
    int write(long address, int bytes, int lane, Site site) {
        Page at = page(address);
        int offset = (int) (address - DeviceMemory.BASE) & Page.BYTES - 1;
        if (at == null || offset + bytes > at.length()) {
            return missing("write", address, bytes, lane, site);
        }
        if ((address & bytes - 1) != 0 && checks.alignment()) {
            throw misaligned("write", address, bytes, lane, site);
        }
        data = at.materialise(memory.tracks());
        byte[] written = at.written();
        if (written != null) {
            Bytes.set(written, offset, bytes);
        }
        return offset;
    }

    /**
     * Finds bytes that all lanes read together.
     *
     * @param address the first
     * @param length how many
     * @param alignment what the address must be a multiple of
     * @return where in {@link #data} they start, or -1 if not all of them may be read or they lie on several pages
     */
    int readPiece(long address, int length, int alignment) {
        Page at = page(address);
        int offset = (int) (address - DeviceMemory.BASE) & Page.BYTES - 1;
        if (at == null || offset + length > at.length() || (address & alignment - 1) != 0) {
            return -1;
        }
        byte[] bytesAt = at.data();
        if (bytesAt == null) {
            return -1;
        }
        byte[] written = at.written();
        if (written != null && checks.unwritten() && !allSet(written, offset, length)) {
            return -1;
        }
        data = bytesAt;
        return offset;
    }

    /** As {@link #readPiece}, for bytes that all lanes write together; notes that they are. */
    int writePiece(long address, int length, int alignment) {
        Page at = page(address);
        int offset = (int) (address - DeviceMemory.BASE) & Page.BYTES - 1;
        if (at == null || offset + length > at.length() || (address & alignment - 1) != 0) {
            return -1;
        }
        data = at.materialise(memory.tracks());
        byte[] written = at.written();
        if (written != null) {
            Arrays.fill(written, offset, offset + length, (byte) 1);
        }
        return offset;
    }

    private static boolean allSet(byte[] map, int offset, int length) {
        int i = 0;
        boolean all = true;
        for (; i + 8 <= length; i += 8) {
            all &= Bytes.getLong(map, offset + i) == 0x0101010101010101L;
        }
        for (; i < length; i++) {
            all &= map[offset + i] == 1;
        }
        return all;
    }

    @Override
    int update(long address, int bytes, int lane, Site site) {
        read(address, bytes, lane, site);
        return write(address, bytes, lane, site);
    }

    private int missing(String access, long address, int bytes, int lane, Site site) {
        if (checks.bounds()) {
            throw outside(access, address, bytes, lane, site);
        }
        return nowhere();
    }

    @Override
    Object lock(long address) {
        Page at = page(address);
        return at == null ? this : at;
    }

    @Override
    String space() {
        return "global memory";
    }

    @Override
    String describe(long address) {
        return memory.describe(address);
    }
}
