package dev.pillion.model.template;

import dev.pillion.model.template.TemplateException.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The way of the caller's values into a render: copied, so that no template changes them, and only of plain types. */
final class Inputs {
    private static final int MAX_DEPTH = 200;

    private Inputs() {}

    /**
     * Copies a value.
     *
     * @param path how the caller knows the value, for messages
     * @throws IllegalArgumentException if its type is none that a template can hold
     */
    static Object copy(@Nullable Object value, String path) {
        return copy(value, path, 0);
    }

    private static Object copy(@Nullable Object value, String path, int depth) {
        if (depth > MAX_DEPTH) {
            throw new Failure(Kind.LIMIT, "over the limit: " + path + " nests deeper than " + MAX_DEPTH);
        }
        return switch (value) {
            case null -> None.NONE;
            case String s -> s;
            case Boolean b -> b;
            case Long n -> n;
            case Double d -> d;
            case Integer n -> n.longValue();
            case Short n -> n.longValue();
            case Byte n -> n.longValue();
            case Float f -> f.doubleValue();
            case Map<?, ?> map -> copyMap(map, path, depth);
            case List<?> list -> {
                List<Object> copy = new ArrayList<>(list.size());
                for (Object element : list) {
                    copy.add(copy(element, path, depth + 1));
                }
                yield copy;
            }
            default -> throw new IllegalArgumentException(
                    path + " holds a " + value.getClass().getName() + ", which is no value for a template");
        };
    }

    private static Object copyMap(Map<?, ?> map, String path, int depth) {
        Map<Object, Object> copy = new LinkedHashMap<>();
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            if (!(entry.getKey() instanceof String key)) {
                throw new IllegalArgumentException(path + " holds a map with a key that is no string");
            }
            copy.put(key, copy(entry.getValue(), path, depth + 1));
        }
        return copy;
    }
}
