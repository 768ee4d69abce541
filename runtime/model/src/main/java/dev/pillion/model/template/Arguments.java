package dev.pillion.model.template;

import java.util.List;
import java.util.Map;

/** The values a call passes, by position and by name. */
record Arguments(List<Object> positional, Map<String, Object> named) {
    static final Arguments NONE = new Arguments(List.of(), Map.of());

    /** The same without the first {@code count} by position. */
    Arguments after(int count) {
        return new Arguments(positional.subList(count, positional.size()), named);
    }
}
