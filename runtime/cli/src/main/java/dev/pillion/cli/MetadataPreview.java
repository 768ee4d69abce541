package dev.pillion.cli;

import java.lang.reflect.Array;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Metadata values with long arrays (a vocabulary) and long texts (a chat template) shortened. */
final class MetadataPreview {
    private static final int ITEMS = 8;
    private static final int CHARACTERS = 200;

    private MetadataPreview() {}

    /** For people. */
    static String text(Object value) {
        if (value instanceof Map<?, ?> || !(value instanceof List<?> || value.getClass().isArray())) {
            return shorten(String.valueOf(value));
        }
        int length = length(value);
        String items = first(value).stream().map(MetadataPreview::text).toList().toString();
        return length <= ITEMS ? items : items.substring(0, items.length() - 1) + ", ...] (" + length + " items)";
    }

    /** For programs: a shortened array is an object of its length and first items, so nobody takes it for whole. */
    static Object json(Object value) {
        if (!(value instanceof List<?> || value.getClass().isArray()) || length(value) <= ITEMS) {
            return value;
        }
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("length", length(value));
        json.put("first", first(value));
        return json;
    }

    private static int length(Object value) {
        return value instanceof List<?> list ? list.size() : Array.getLength(value);
    }

    private static List<Object> first(Object value) {
        if (value instanceof List<?> list) {
            return List.copyOf(list.subList(0, Math.min(ITEMS, list.size())));
        }
        List<Object> items = new ArrayList<>();
        for (int i = 0; i < Math.min(ITEMS, Array.getLength(value)); i++) {
            items.add(Array.get(value, i));
        }
        return items;
    }

    private static String shorten(String text) {
        return text.length() <= CHARACTERS
                ? text
                : text.substring(0, CHARACTERS) + "... (" + text.length() + " characters)";
    }
}
