package dev.pillion.kernels.virtual;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A piece of an allocation. Its bytes exist from the first write on, and so does the map that says, with one byte each,
 * which of them were written: bytes, not bits, since threads that write neighbours must not disturb each other.
 */
final class Page {
    /** Bytes of a page as a power of two. */
    static final int SHIFT = 18;

    /** Bytes of a page; an allocation's last page may have fewer. */
    static final int BYTES = 1 << SHIFT;

    private final Allocation allocation;
    private final int length;
    private byte @Nullable [] data;

    /** One byte per byte, 1 where it was written; null while none was, and again once all were. */
    private byte @Nullable [] written;

    Page(Allocation allocation, int length) {
        this.allocation = allocation;
        this.length = length;
    }

    Allocation allocation() {
        return allocation;
    }

    int length() {
        return length;
    }

    /** The bytes, or null if none was written yet. */
    byte @Nullable [] data() {
        return data;
    }

    /** The map, or null if no byte or every byte was written. */
    byte @Nullable [] written() {
        return written;
    }

    /** The bytes, of which some are about to be written. */
    byte[] materialise(boolean track) {
        byte[] bytes = data;
        return bytes != null ? bytes : create(track);
    }

    private synchronized byte[] create(boolean track) {
        byte[] bytes = data;
        if (bytes == null) {
            if (track) {
                written = new byte[length];
            }
            bytes = new byte[length];
            data = bytes;
        }
        return bytes;
    }

    /** Notes that bytes were written from outside a kernel. */
    synchronized void mark(int offset, int count) {
        byte[] map = written;
        if (map == null) {
            return;
        }
        if (count == length) {
            written = null;
        } else {
            Arrays.fill(map, offset, offset + count, (byte) 1);
        }
    }

    /** First of some bytes that was never written, or -1. */
    int firstUnwritten(int offset, int count) {
        if (data == null) {
            return offset;
        }
        byte[] map = written;
        for (int i = offset; map != null && i < offset + count; i++) {
            if (map[i] == 0) {
                return i;
            }
        }
        return -1;
    }
}
