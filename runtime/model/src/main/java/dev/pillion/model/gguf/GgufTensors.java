package dev.pillion.model.gguf;

import dev.pillion.model.ModelFormatException;
import dev.pillion.model.Tensor;
import dev.pillion.model.TensorType;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads the tensor descriptions and lays them over the data section.
 *
 * <p>Offsets count from the start of the data section, which is the first multiple of the alignment after the last
 * description; so nothing can be placed before all descriptions are read.
 */
final class GgufTensors {
    /** Name length, number of dimensions, type and offset, with a one-letter name and no dimension. */
    static final int MINIMUM_BYTES = Long.BYTES + 1 + Integer.BYTES + Integer.BYTES + Long.BYTES;

    private static final int MAX_NAME_BYTES = 64;
    private static final int MAX_DIMENSIONS = 4;

    private final GgufCursor cursor;
    private final long alignment;

    GgufTensors(GgufCursor cursor, long alignment) {
        this.cursor = cursor;
        this.alignment = alignment;
    }

    /** A description: where it lies in the header, and where its data lies relative to the data section. */
    private record Info(
            String name, TensorType type, List<Long> shape, long byteSize, long offset, long offsetPosition) {}

    Map<String, Tensor> read(int count) {
        List<Info> infos = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (int i = 0; i < count; i++) {
            cursor.about("tensor " + i);
            long at = cursor.position();
            Info info = info();
            if (!names.add(info.name)) {
                throw cursor.fault(at, "appears twice");
            }
            infos.add(info);
        }
        checkOverlap(infos);
        return place(infos);
    }

    private Info info() {
        String name = cursor.readString("name", 1, MAX_NAME_BYTES);
        cursor.about("tensor " + name);
        long dimensionsAt = cursor.position();
        int dimensions = cursor.readInt("number of dimensions");
        if (dimensions < 0 || dimensions > MAX_DIMENSIONS) {
            throw cursor.fault(dimensionsAt, "has " + Integer.toUnsignedString(dimensions) + " dimensions; at most "
                    + MAX_DIMENSIONS + " are allowed");
        }
        long[] innermostFirst = new long[dimensions];
        for (int i = 0; i < dimensions; i++) {
            innermostFirst[i] = dimension();
        }
        TensorType type = type();
        long byteSize = byteSize(type, innermostFirst, dimensionsAt);
        long offsetPosition = cursor.position();
        long offset = cursor.readLong("offset");
        if (offset < 0 || offset % alignment != 0) {
            throw cursor.fault(offsetPosition, "offset " + Long.toUnsignedString(offset)
                    + " is not a multiple of the alignment " + alignment);
        }
        return new Info(name, type, outermostFirst(innermostFirst), byteSize, offset, offsetPosition);
    }

    private long dimension() {
        long at = cursor.position();
        long length = cursor.readLong("dimension");
        if (length <= 0) {
            throw cursor.fault(at, "has a dimension of length " + Long.toUnsignedString(length));
        }
        return length;
    }

    private TensorType type() {
        long at = cursor.position();
        int id = cursor.readInt("type");
        return TensorType.ofId(id).orElseThrow(() -> cursor.fault(at, "type " + Integer.toUnsignedString(id)
                + withdrawnName(id) + " is not supported"));
    }

    /** Names of types that old files have and the format gave up; their ids stay reserved. */
    private static String withdrawnName(int id) {
        return switch (id) {
            case 4 -> " (Q4_2, withdrawn)";
            case 5 -> " (Q4_3, withdrawn)";
            case 31 -> " (Q4_0_4_4, withdrawn)";
            case 32 -> " (Q4_0_4_8, withdrawn)";
            case 33 -> " (Q4_0_8_8, withdrawn)";
            case 36 -> " (IQ4_NL_4_4, withdrawn)";
            case 37 -> " (IQ4_NL_4_8, withdrawn)";
            case 38 -> " (IQ4_NL_8_8, withdrawn)";
            default -> "";
        };
    }

    private long byteSize(TensorType type, long[] innermostFirst, long dimensionsAt) {
        long columns = innermostFirst.length == 0 ? 1 : innermostFirst[0];
        if (columns % type.blockLength() != 0) {
            throw cursor.fault(dimensionsAt, "rows of " + columns + " elements are not whole " + type + " blocks of "
                    + type.blockLength());
        }
        try {
            long elements = 1;
            for (long dimension : innermostFirst) {
                elements = Math.multiplyExact(elements, dimension);
            }
            return type.bytesFor(elements);
        } catch (ArithmeticException e) {
            throw cursor.fault(dimensionsAt, "the product of its dimensions does not fit 64 bits");
        }
    }

    private static List<Long> outermostFirst(long[] innermostFirst) {
        List<Long> shape = new ArrayList<>(innermostFirst.length);
        for (int i = innermostFirst.length - 1; i >= 0; i--) {
            shape.add(innermostFirst[i]);
        }
        return shape;
    }

    private void checkOverlap(List<Info> infos) {
        List<Info> byOffset = new ArrayList<>(infos);
        byOffset.sort(Comparator.comparingLong(Info::offset));
        for (int i = 1; i < byOffset.size(); i++) {
            Info before = byOffset.get(i - 1);
            Info info = byOffset.get(i);
            if (info.offset - before.offset < before.byteSize) {
                throw fault(info, "overlaps tensor " + before.name + ", whose " + before.byteSize
                        + " bytes start at offset " + before.offset);
            }
        }
    }

    private Map<String, Tensor> place(List<Info> infos) {
        MemorySegment file = cursor.bytes();
        long dataStart = Math.ceilDiv(cursor.position(), alignment) * alignment;
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        for (Info info : infos) {
            long dataBytes = file.byteSize() - dataStart;
            if (info.offset > dataBytes || info.byteSize > dataBytes - info.offset) {
                throw fault(info, "its " + info.byteSize + " bytes at offset " + info.offset
                        + " reach beyond the data section of " + Math.max(0, dataBytes)
                        + " bytes; is the file complete?");
            }
            MemorySegment data = file.asSlice(dataStart + info.offset, info.byteSize);
            tensors.put(info.name, new Tensor(info.name, info.type, info.shape, data));
        }
        return tensors;
    }

    private ModelFormatException fault(Info info, String problem) {
        return new ModelFormatException(cursor.file(), "tensor " + info.name, info.offsetPosition, problem);
    }
}
