package dev.pillion.model.gguf;

import dev.pillion.model.Metadata;
import dev.pillion.model.Tensor;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The contents of one GGUF file.
 *
 * @param version format version, 2 or 3
 * @param metadata all pairs
 * @param tensors in the order of their descriptions; slices of the file's bytes
 */
record GgufShard(int version, Metadata metadata, Map<String, Tensor> tensors) {
    static final String ALIGNMENT_KEY = "general.alignment";

    /** "GGUF" read as a little-endian integer. */
    private static final int MAGIC = 0x46554747;

    private static final int MAX_KEY_BYTES = 65535;
    private static final int DEFAULT_ALIGNMENT = 32;
    /** Key length, a one-letter key, type and a one-byte value. */
    private static final int MINIMUM_PAIR_BYTES = Long.BYTES + 1 + Integer.BYTES + 1;

    /** Reads a whole file; {@code file} is only named in faults. */
    static GgufShard read(Path file, MemorySegment bytes) {
        GgufCursor cursor = new GgufCursor(file, bytes);
        checkMagic(cursor);
        int version = version(cursor);
        cursor.about("tensor count");
        int tensorCount = cursor.readCount("tensor count", GgufTensors.MINIMUM_BYTES);
        cursor.about("metadata count");
        int pairCount = cursor.readCount("metadata count", MINIMUM_PAIR_BYTES);

        Map<String, Object> pairs = new LinkedHashMap<>();
        for (int i = 0; i < pairCount; i++) {
            readPair(cursor, i, pairs);
        }
        long alignment = pairs.get(ALIGNMENT_KEY) instanceof Long value ? value : DEFAULT_ALIGNMENT;
        Map<String, Tensor> tensors = new GgufTensors(cursor, alignment).read(tensorCount);
        return new GgufShard(version, new Metadata(file, pairs), tensors);
    }

    private static void checkMagic(GgufCursor cursor) {
        cursor.about("magic");
        int magic = cursor.readInt("magic");
        if (magic != MAGIC) {
            throw cursor.fault(0,
                    "0x%08x is not \"GGUF\": this is no GGUF file".formatted(Integer.reverseBytes(magic)));
        }
    }

    private static int version(GgufCursor cursor) {
        cursor.about("version");
        long at = cursor.position();
        int version = cursor.readInt("version");
        if (version == 2 || version == 3) {
            return version;
        }
        int swapped = Integer.reverseBytes(version);
        if (swapped >= 1 && swapped <= 0xFFFF) {
            throw cursor.fault(at, "this is a big-endian GGUF v" + swapped
                    + " file; only little-endian ones can be read, so convert it");
        }
        throw cursor.fault(at, "GGUF version " + Integer.toUnsignedString(version) + " is not supported; 2 and 3 are");
    }

    private static void readPair(GgufCursor cursor, int index, Map<String, Object> pairs) {
        cursor.about("metadata pair " + index);
        long keyAt = cursor.position();
        String key = cursor.readString("key", 1, MAX_KEY_BYTES);
        cursor.about("metadata key " + key);
        long valueAt = cursor.position();
        Object value = new GgufValues(cursor).read();
        if (pairs.put(key, value) != null) {
            throw cursor.fault(keyAt, "appears twice");
        }
        if (key.equals(ALIGNMENT_KEY)) {
            checkAlignment(cursor, valueAt, value);
        }
    }

    /** A multiple of 8 as the format demands, and a power of two because mapped data is read in aligned words. */
    private static void checkAlignment(GgufCursor cursor, long at, Object value) {
        if (!(value instanceof Long alignment) || alignment < 8 || alignment > 1L << 30
                || Long.bitCount(alignment) != 1) {
            throw cursor.fault(at, "is " + value + " but should be a power of two from 8 to 2^30");
        }
    }
}
