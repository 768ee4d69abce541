package dev.pillion.model.safetensors;

import dev.pillion.model.Metadata;
import dev.pillion.model.ModelFormatException;
import dev.pillion.model.Tensor;
import dev.pillion.model.json.Json;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The contents of one safetensors file.
 *
 * @param metadata the {@code __metadata__} strings, empty where there are none
 * @param tensors in header order; slices of the file's bytes
 */
record SafetensorsShard(Metadata metadata, Map<String, Tensor> tensors) {
    /** The limit of the format's reference implementation. */
    static final long MAX_HEADER_BYTES = 100_000_000;

    private static final String METADATA = "__metadata__";
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** Reads a whole file; {@code file} is only named in faults. */
    static SafetensorsShard read(Path file, MemorySegment bytes) {
        byte[] json = header(file, bytes);
        // Text that begins with '{' is an object or no JSON.
        Map<String, @Nullable Object> header = Json.object((Map<?, ?>) Json.parse(json, file, Long.BYTES));
        long dataStart = Long.BYTES + (long) json.length;
        long dataBytes = bytes.byteSize() - dataStart;
        Map<String, Object> metadata = new LinkedHashMap<>();
        List<SafetensorsEntry> entries = new ArrayList<>();
        header.forEach((name, value) -> {
            if (name.equals(METADATA)) {
                metadata.putAll(metadata(file, value));
            } else {
                entries.add(SafetensorsEntry.read(file, dataStart, dataBytes, name, value));
            }
        });
        checkContiguous(file, dataStart, dataBytes, entries);

        Map<String, Tensor> tensors = new LinkedHashMap<>();
        for (SafetensorsEntry entry : entries) {
            MemorySegment data = bytes.asSlice(dataStart + entry.begin(), entry.end() - entry.begin());
            tensors.put(entry.name(), new Tensor(entry.name(), entry.type(), entry.shape(), data));
        }
        return new SafetensorsShard(new Metadata(file, metadata), tensors);
    }

    private static byte[] header(Path file, MemorySegment bytes) {
        if (bytes.byteSize() < Long.BYTES) {
            throw new ModelFormatException(file, "header length", 0,
                    "the file has " + bytes.byteSize() + " bytes, too few for a header length");
        }
        long length = bytes.get(LONG, 0);
        if (length < 0 || length > MAX_HEADER_BYTES) {
            throw new ModelFormatException(file, "header length", 0, Long.toUnsignedString(length)
                    + " bytes; at most " + MAX_HEADER_BYTES + " are allowed, so this is hardly a safetensors file");
        }
        if (length > bytes.byteSize() - Long.BYTES) {
            throw new ModelFormatException(file, "header length", 0, length + " bytes, but only "
                    + (bytes.byteSize() - Long.BYTES) + " bytes are left in the file");
        }
        if (length == 0 || bytes.get(ValueLayout.JAVA_BYTE, Long.BYTES) != '{') {
            throw new ModelFormatException(file, "header", Long.BYTES, "does not begin with '{'");
        }
        return bytes.asSlice(Long.BYTES, length).toArray(ValueLayout.JAVA_BYTE);
    }

    private static Map<String, Object> metadata(Path file, @Nullable Object value) {
        if (!(value instanceof Map<?, ?> pairs)) {
            throw new ModelFormatException(file, METADATA, "is not an object");
        }
        Map<String, Object> strings = new LinkedHashMap<>();
        Json.object(pairs).forEach((key, text) -> {
            if (!(text instanceof String)) {
                throw new ModelFormatException(file, "metadata key " + key, "is not a string");
            }
            strings.put(key, text);
        });
        return strings;
    }

    /** The format allows no gap and no overlap, so that a file has no bytes with two meanings or none. */
    private static void checkContiguous(Path file, long dataStart, long dataBytes, List<SafetensorsEntry> entries) {
        List<SafetensorsEntry> byOffset = new ArrayList<>(entries);
        byOffset.sort(Comparator.comparingLong(SafetensorsEntry::begin).thenComparingLong(SafetensorsEntry::end));
        long expected = 0;
        for (SafetensorsEntry entry : byOffset) {
            if (entry.begin() != expected) {
                String relation = entry.begin() < expected ? ", inside" : ", leaving a gap after";
                throw new ModelFormatException(file, "tensor " + entry.name(), dataStart + entry.begin(),
                        "begins at offset " + entry.begin() + relation + " the tensor before it, which ends at "
                                + expected);
            }
            expected = entry.end();
        }
        if (expected != dataBytes) {
            throw new ModelFormatException(file, "data section", dataStart + expected,
                    (dataBytes - expected) + " bytes after the last tensor belong to none");
        }
    }
}
