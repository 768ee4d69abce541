package dev.pillion.model.safetensors;

import dev.pillion.model.ModelFormatException;
import dev.pillion.model.TensorType;
import dev.pillion.model.json.Json;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A tensor's line in the header: {@code "name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}}.
 *
 * @param shape outermost first
 * @param begin first byte, from the start of the data section
 * @param end one past the last byte
 */
record SafetensorsEntry(String name, TensorType type, List<Long> shape, long begin, long end) {

    static SafetensorsEntry read(Path file, long dataStart, long dataBytes, String name, @Nullable Object value) {
        String subject = "tensor " + name;
        if (!(value instanceof Map<?, ?> map)) {
            throw new ModelFormatException(file, subject, "is not described by an object");
        }
        Map<String, @Nullable Object> fields = Json.object(map);
        TensorType type = type(file, subject, fields.get("dtype"));
        List<Long> shape = counts(file, subject, "shape", fields.get("shape"));
        List<Long> offsets = counts(file, subject, "data_offsets", fields.get("data_offsets"));
        if (offsets.size() != 2) {
            throw new ModelFormatException(
                    file, subject, "data_offsets has " + offsets.size() + " numbers instead of 2");
        }
        long begin = offsets.get(0);
        long end = offsets.get(1);
        if (begin > end || end > dataBytes) {
            throw new ModelFormatException(file, subject, "data_offsets [" + begin + ", " + end
                    + "] are not a range within the " + dataBytes
                    + " bytes of the data section; is the file complete?");
        }
        long byteSize = byteSize(file, subject, type, shape);
        if (end - begin != byteSize) {
            throw new ModelFormatException(file, subject, dataStart + begin,
                    "has " + (end - begin) + " bytes, but " + type + " " + shape + " needs " + byteSize);
        }
        return new SafetensorsEntry(name, type, shape, begin, end);
    }

    private static TensorType type(Path file, String subject, @Nullable Object dtype) {
        if (!(dtype instanceof String name)) {
            throw new ModelFormatException(file, subject, "dtype is not a string");
        }
        return switch (name) {
            case "F32" -> TensorType.F32;
            case "F16" -> TensorType.F16;
            case "BF16" -> TensorType.BF16;
            case "F64" -> TensorType.F64;
            case "I8" -> TensorType.I8;
            case "I16" -> TensorType.I16;
            case "I32" -> TensorType.I32;
            case "I64" -> TensorType.I64;
            default -> throw new ModelFormatException(file, subject,
                    "dtype " + name + " is not supported; F64, F32, F16, BF16, I64, I32, I16 and I8 are");
        };
    }

    private static List<Long> counts(Path file, String subject, String field, @Nullable Object value) {
        if (!(value instanceof List<?> list)) {
            throw new ModelFormatException(file, subject, field + " is not an array");
        }
        List<Long> counts = new ArrayList<>(list.size());
        for (Object element : list) {
            if (!(element instanceof Long count) || count < 0) {
                throw new ModelFormatException(
                        file, subject, field + " contains " + element + ", which is not a 63-bit unsigned integer");
            }
            counts.add(count);
        }
        return counts;
    }

    private static long byteSize(Path file, String subject, TensorType type, List<Long> shape) {
        try {
            long elements = 1;
            for (long dimension : shape) {
                elements = Math.multiplyExact(elements, dimension);
            }
            return type.bytesFor(elements);
        } catch (ArithmeticException e) {
            throw new ModelFormatException(file, subject, "the product of shape " + shape + " does not fit 64 bits");
        }
    }
}
