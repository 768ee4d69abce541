package dev.pillion.model.tokenizer;

import dev.pillion.model.ModelFormatException;
import dev.pillion.model.json.Json;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Typed access to an object of a JSON document. A field that is {@code null} counts as absent; a field of another type
 * than asked for ends in a {@link ModelFormatException} that names its place.
 *
 * @param file the document
 * @param place the path of the object in the document, such as {@code model.}, empty for the document itself
 * @param values the fields
 */
record JsonFields(Path file, String place, Map<String, @Nullable Object> values) {
    /** The object that is a whole file. */
    static JsonFields read(Path file) {
        return new JsonFields(file, "", Json.parseObject(file));
    }

    Optional<String> string(String name) {
        return typed(name, String.class, "a string");
    }

    String requiredString(String name) {
        return string(name).orElseThrow(() -> fault(name, "is missing"));
    }

    boolean bool(String name, boolean otherwise) {
        return typed(name, Boolean.class, "a boolean").orElse(otherwise);
    }

    OptionalLong integer(String name) {
        Optional<Long> value = typed(name, Long.class, "an integer");
        return value.isPresent() ? OptionalLong.of(value.get()) : OptionalLong.empty();
    }

    Optional<JsonFields> object(String name) {
        return typed(name, Map.class, "an object")
                .map(map -> new JsonFields(file, place + name + ".", Json.object((Map<?, ?>) map)));
    }

    /** The elements of an array; empty where there is none. */
    List<@Nullable Object> list(String name) {
        List<@Nullable Object> elements = new ArrayList<>();
        typed(name, List.class, "an array").ifPresent(list -> elements.addAll((List<?>) list));
        return elements;
    }

    /** The elements of an array of objects; empty where there is none. */
    List<JsonFields> objects(String name) {
        List<JsonFields> objects = new ArrayList<>();
        for (Object element : list(name)) {
            String at = name + "[" + objects.size() + "]";
            if (!(element instanceof Map<?, ?> map)) {
                throw fault(at, "is not an object");
            }
            objects.add(new JsonFields(file, place + at + ".", Json.object(map)));
        }
        return objects;
    }

    /** The raw value. */
    Optional<Object> value(String name) {
        return Optional.ofNullable(values.get(name));
    }

    /** The fault of a field. */
    ModelFormatException fault(String name, String problem) {
        return new ModelFormatException(file, "field " + place + name, problem);
    }

    private <T> Optional<T> typed(String name, Class<T> type, String expected) {
        Object value = values.get(name);
        if (value != null && !type.isInstance(value)) {
            throw fault(name, "is not " + expected);
        }
        return Optional.ofNullable(type.cast(value));
    }
}
