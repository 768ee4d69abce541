package dev.pillion.model.gguf;

import dev.pillion.model.ModelFormatException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Reads the header of a GGUF file front to back and refuses to step over its end.
 *
 * <p>Every read claims its bytes first, so a length or count from the file is compared with what is left before
 * anything is allocated for it. The header as a whole is bounded as well: an array of bytes becomes an array of longs
 * on the heap, and a file of many gigabytes could otherwise claim all its bytes as metadata.
 */
final class GgufCursor {
    /** Far above real headers (a vocabulary of 260,000 tokens with merges needs about 15 MiB). */
    static final long MAX_HEADER_BYTES = 128L << 20;

    static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfDouble DOUBLE = ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final Path file;
    private final MemorySegment bytes;
    private final long limit;
    private long position;
    private String subject = "header";

    GgufCursor(Path file, MemorySegment bytes) {
        this.file = file;
        this.bytes = bytes;
        this.limit = Math.min(bytes.byteSize(), MAX_HEADER_BYTES);
    }

    /** Names what the next reads belong to; faults carry it. */
    void about(String newSubject) {
        subject = newSubject;
    }

    Path file() {
        return file;
    }

    MemorySegment bytes() {
        return bytes;
    }

    long position() {
        return position;
    }

    /** Steps over {@code count} bytes and returns where they start. */
    long claim(long count, String what) {
        if (count < 0 || count > limit - position) {
            throw fault(position, what + " of " + Long.toUnsignedString(count) + " bytes, but only " + left());
        }
        long start = position;
        position += count;
        return start;
    }

    byte readByte(String what) {
        return bytes.get(ValueLayout.JAVA_BYTE, claim(Byte.BYTES, what));
    }

    short readShort(String what) {
        return bytes.get(SHORT, claim(Short.BYTES, what));
    }

    int readInt(String what) {
        return bytes.get(INT, claim(Integer.BYTES, what));
    }

    long readLong(String what) {
        return bytes.get(LONG, claim(Long.BYTES, what));
    }

    float readFloat(String what) {
        return bytes.get(FLOAT, claim(Float.BYTES, what));
    }

    double readDouble(String what) {
        return bytes.get(DOUBLE, claim(Double.BYTES, what));
    }

    /**
     * Reads a 64-bit count of things that take at least {@code minimumBytes} each in the header; a count that cannot
     * fit is a fault. The result fits an int.
     */
    int readCount(String what, int minimumBytes) {
        long at = position;
        long count = readLong(what);
        if (count < 0 || count > (limit - position) / minimumBytes) {
            throw fault(at, what + " is " + Long.toUnsignedString(count) + ", but only " + left());
        }
        return Math.toIntExact(count);
    }

    /** Reads a length-prefixed string; sequences that are not UTF-8 become replacement characters. */
    String readString(String what) {
        return decode(readLong(what), what);
    }

    /** Reads a string whose length in bytes is bounded by the format. */
    String readString(String what, int minimumBytes, int maximumBytes) {
        long at = position;
        long length = readLong(what);
        if (length < minimumBytes || length > maximumBytes) {
            throw fault(at, what + " of " + Long.toUnsignedString(length) + " bytes; allowed are " + minimumBytes
                    + " to " + maximumBytes);
        }
        return decode(length, what);
    }

    private String decode(long length, String what) {
        if (length == 0) {
            return "";
        }
        long start = claim(length, what);
        byte[] utf8 = new byte[(int) length];
        MemorySegment.copy(bytes, ValueLayout.JAVA_BYTE, start, utf8, 0, utf8.length);
        return new String(utf8, StandardCharsets.UTF_8);
    }

    private String left() {
        return (limit - position) + " bytes are left"
                + (limit < bytes.byteSize() ? " of the " + limit + " that a header may have" : " in the file");
    }

    /** A fault of what {@link #about} named. */
    ModelFormatException fault(long offset, String problem) {
        return new ModelFormatException(file, subject, offset, problem);
    }
}
