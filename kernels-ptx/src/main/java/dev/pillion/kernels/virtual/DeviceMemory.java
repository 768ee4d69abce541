package dev.pillion.kernels.virtual;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/**
 * The global memory of a context. Addresses are made up: an allocation starts on a page of its own, unmapped pages lie
 * between allocations, and no address is used twice, so that a stray pointer meets no other allocation's bytes.
 */
final class DeviceMemory {
    /** The lowest address. */
    static final long BASE = 0x10_0000_0000L;

    private static final int GUARD_PAGES = 4;
    private static final long GRANULARITY = 512;

    private final VirtualDevice device;
    private final boolean track;
    private final ConcurrentSkipListMap<Long, Allocation> allocations = new ConcurrentSkipListMap<>();
    private volatile @Nullable Page[] pages = new Page[1024];
    private int nextPage;
    private int count;
    private long used;

    /**
     * Creates memory.
     *
     * @param device whose memory it is
     * @param track whether to note which bytes were written
     */
    DeviceMemory(VirtualDevice device, boolean track) {
        this.device = device;
        this.track = track;
    }

    /** Whether it is noted which bytes were written. */
    boolean tracks() {
        return track;
    }

    /** Allocates; returns null if there is not so much left. */
    synchronized @Nullable Allocation allocate(long bytes, String name) {
        if (!device.reserve(rounded(bytes))) {
            return null;
        }
        int first = nextPage;
        int needed = Math.toIntExact((bytes + Page.BYTES - 1) >>> Page.SHIFT);
        nextPage += needed + GUARD_PAGES;
        @Nullable Page[] table = pages;
        if (nextPage > table.length) {
            table = Arrays.copyOf(table, Math.max(nextPage, 2 * table.length));
        }
        Allocation allocation = new Allocation(++count, BASE + ((long) first << Page.SHIFT), bytes, name);
        for (int i = 0; i < needed; i++) {
            long left = bytes - ((long) i << Page.SHIFT);
            table[first + i] = new Page(allocation, (int) Math.min(left, Page.BYTES));
        }
        pages = table;
        used += rounded(bytes);
        allocations.put(allocation.address(), allocation);
        return allocation;
    }

    /** Frees an allocation by its address; returns false if there is none. */
    synchronized boolean free(long address) {
        Allocation allocation = allocations.get(address);
        if (allocation == null || allocation.freed()) {
            return false;
        }
        allocation.free();
        int first = (int) (address - BASE >>> Page.SHIFT);
        int needed = (int) ((allocation.bytes() + Page.BYTES - 1) >>> Page.SHIFT);
        @Nullable Page[] table = pages;
        Arrays.fill(table, first, first + needed, null);
        pages = table;
        used -= rounded(allocation.bytes());
        device.release(rounded(allocation.bytes()));
        return true;
    }

    /** Frees everything. */
    synchronized void close() {
        device.release(used);
        used = 0;
        pages = new Page[0];
    }

    private static long rounded(long bytes) {
        return (bytes + GRANULARITY - 1) / GRANULARITY * GRANULARITY;
    }

    /** The page of an address, or null if there is none. */
    @Nullable
    Page page(long address) {
        @Nullable Page[] table = pages;
        long index = address - BASE >>> Page.SHIFT;
        return index < table.length ? table[(int) index] : null;
    }

    /** Whether a range lies in one live allocation. */
    boolean contains(long address, long bytes) {
        Page page = page(address);
        if (page == null) {
            return false;
        }
        Allocation allocation = page.allocation();
        return address + bytes <= allocation.address() + allocation.bytes();
    }

    /** Says where an address lies, for reports. */
    String describe(long address) {
        if (Long.compareUnsigned(address, 1 << 16) < 0) {
            return address == 0 ? "null" : "null + " + address;
        }
        Map.Entry<Long, Allocation> below = allocations.floorEntry(address);
        if (below != null) {
            Allocation allocation = below.getValue();
            long offset = address - allocation.address();
            if (offset < allocation.bytes()) {
                return "byte " + offset + " of " + allocation;
            }
            Map.Entry<Long, Allocation> above = allocations.higherEntry(address);
            long past = offset - allocation.bytes();
            if (above != null && above.getKey() - address < past) {
                return above.getKey() - address + " bytes before " + above.getValue();
            }
            return past + " bytes past the end of " + allocation;
        }
        Map.Entry<Long, Allocation> above = allocations.higherEntry(address);
        return above == null ? "no allocation is near" : above.getKey() - address + " bytes before " + above.getValue();
    }

    /** What is done with each page of a range. */
    private interface Piece {
        void apply(Page page, int offset, int length, long done);
    }

    private void each(long address, long bytes, Piece piece) {
        for (long done = 0; done < bytes;) {
            Page page = page(address + done);
            if (page == null) {
                throw new IllegalStateException("range checked before");
            }
            int offset = (int) (address + done - BASE) & Page.BYTES - 1;
            int length = (int) Math.min(bytes - done, page.length() - offset);
            piece.apply(page, offset, length, done);
            done += length;
        }
    }

    /** Copies from host memory. */
    void write(long address, MemorySegment source) {
        each(address, source.byteSize(), (page, offset, length, done) -> {
            MemorySegment.copy(source, ValueLayout.JAVA_BYTE, done, page.materialise(track), offset, length);
            page.mark(offset, length);
        });
    }

    /** Copies to host memory. */
    void read(long address, MemorySegment target) {
        each(address, target.byteSize(), (page, offset, length, done) -> {
            byte[] data = page.data();
            if (data == null) {
                target.asSlice(done, length).fill((byte) 0);
            } else {
                MemorySegment.copy(data, offset, target, ValueLayout.JAVA_BYTE, done, length);
            }
        });
    }

    /** Sets bytes. */
    void fill(long address, byte value, long bytes) {
        each(address, bytes, (page, offset, length, done) -> {
            Arrays.fill(page.materialise(track), offset, offset + length, value);
            page.mark(offset, length);
        });
    }

    /** Copies; what was not written at the source counts as not written at the target. */
    void copy(long target, long source, long bytes) {
        each(target, bytes, (page, offset, length, done) -> {
            byte[] data = page.materialise(track);
            each(source + done, length, (from, start, part, partDone) -> {
                byte[] bytesFrom = from.data();
                int to = offset + (int) partDone;
                if (bytesFrom != null) {
                    System.arraycopy(bytesFrom, start, data, to, part);
                    copyMap(from, start, page, to, part);
                }
            });
        });
    }

    private void copyMap(Page from, int start, Page to, int offset, int length) {
        byte[] map = from.written();
        byte[] target = to.written();
        if (map == null) {
            to.mark(offset, length);
        } else if (target != null) {
            System.arraycopy(map, start, target, offset, length);
        }
    }

    /** First byte of a range that was never written, or -1. */
    long firstUnwritten(long address, long bytes) {
        long[] found = {-1};
        each(address, bytes, (page, offset, length, done) -> {
            int at = page.firstUnwritten(offset, length);
            if (at >= 0 && found[0] < 0) {
                found[0] = address + done + at - offset;
            }
        });
        return found[0];
    }
}
