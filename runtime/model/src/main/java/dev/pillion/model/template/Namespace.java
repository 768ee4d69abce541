package dev.pillion.model.template;

import java.util.LinkedHashMap;
import java.util.Map;

/** A {@code namespace()} value: the one kind whose attributes a template can assign, also from inside a loop. */
final class Namespace {
    private final Map<String, Object> attributes = new LinkedHashMap<>();

    Object get(String name) {
        Object value = attributes.get(name);
        return value == null ? Undefined.attribute(this, name) : value;
    }

    void set(String name, Object value) {
        attributes.put(name, value);
    }
}
