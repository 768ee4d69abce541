package dev.pillion.model.template;

import java.util.List;

/** Python's {@code tuple}: a list that prints differently and never changes. */
record Tuple(List<Object> items) {
    Tuple {
        items = List.copyOf(items);
    }

    static Tuple of(Object... items) {
        return new Tuple(List.of(items));
    }
}
