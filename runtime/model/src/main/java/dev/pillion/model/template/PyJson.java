package dev.pillion.model.template;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Python's {@code json.dumps}, which is what {@code tojson} is in transformers: nothing is escaped for HTML. */
final class PyJson {
    /**
     * How to write.
     *
     * @param indent text of one level, or empty
     * @param lines whether every element stands on a line of its own
     */
    record Layout(boolean asciiOnly, boolean sortKeys, boolean lines, String indent, String comma, String colon) {}

    private final Budget budget;
    private final PyCompare compare;
    private final Layout layout;
    private final TextBuffer out;
    private int level;

    private PyJson(Budget budget, Layout layout) {
        this.budget = budget;
        this.compare = new PyCompare(budget);
        this.layout = layout;
        this.out = new TextBuffer(budget);
    }

    static String write(Object value, Layout layout, Budget budget) {
        PyJson json = new PyJson(budget, layout);
        json.value(value);
        return json.out.toString();
    }

    private void value(Object value) {
        budget.enter();
        try {
            switch (value) {
                case String s -> string(s);
                case SafeText s -> string(s.text());
                case Long n -> out.append(n.toString());
                case Double d -> out.append(number(d));
                case Boolean b -> out.append(b ? "true" : "false");
                case None n -> out.append("null");
                case List<?> l -> array(Values.list(l));
                case Tuple t -> array(t.items());
                // Python refuses; templates written for llama.cpp say map(…)|tojson.
                case OneShot o -> array(o.drain());
                case Map<?, ?> m -> object(Values.dict(m));
                default -> throw new Failure(
                        "object of type " + Values.typeName(value) + " is not JSON serializable");
            }
        } finally {
            budget.leave();
        }
    }

    private static String number(double value) {
        if (Double.isNaN(value)) {
            return "NaN";
        }
        if (Double.isInfinite(value)) {
            return value > 0 ? "Infinity" : "-Infinity";
        }
        return PyFormat.number(value);
    }

    private void array(List<Object> items) {
        out.append('[');
        level++;
        for (int i = 0; i < items.size(); i++) {
            separate(i > 0);
            value(items.get(i));
        }
        level--;
        close(items.isEmpty(), ']');
    }

    private void object(Map<Object, Object> dict) {
        Map<Object, Object> entries = layout.sortKeys() ? sorted(dict) : dict;
        out.append('{');
        level++;
        Iterator<Map.Entry<Object, Object>> iterator = entries.entrySet().iterator();
        for (boolean first = true; iterator.hasNext(); first = false) {
            Map.Entry<Object, Object> entry = iterator.next();
            separate(!first);
            string(key(entry.getKey()));
            out.append(layout.colon());
            value(entry.getValue());
        }
        level--;
        close(entries.isEmpty(), '}');
    }

    private Map<Object, Object> sorted(Map<Object, Object> dict) {
        List<Object> keys = new ArrayList<>(dict.keySet());
        keys.sort((a, b) -> compare.order(a, b, "<"));
        Map<Object, Object> sorted = new LinkedHashMap<>();
        keys.forEach(key -> sorted.put(key, dict.get(key)));
        return sorted;
    }

    private static String key(Object key) {
        return switch (key) {
            case Boolean b -> b ? "true" : "false";
            case None n -> "null";
            case Double d -> number(d);
            default -> key.toString();
        };
    }

    private void separate(boolean comma) {
        if (comma) {
            out.append(layout.comma());
        }
        newLine();
    }

    private void close(boolean empty, char bracket) {
        if (!empty) {
            newLine();
        }
        out.append(bracket);
    }

    private void newLine() {
        if (layout.lines()) {
            out.append('\n').repeat(layout.indent(), level);
        }
    }

    private void string(String text) {
        out.append('"');
        int copied = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < 0x20 || c == '"' || c == '\\' || layout.asciiOnly() && c > 0x7e) {
                out.append(text.substring(copied, i)).append(escape(c));
                copied = i + 1;
            }
        }
        out.append(text.substring(copied)).append('"');
    }

    private static String escape(char c) {
        return switch (c) {
            case '"' -> "\\\"";
            case '\\' -> "\\\\";
            case '\n' -> "\\n";
            case '\r' -> "\\r";
            case '\t' -> "\\t";
            case '\b' -> "\\b";
            case '\f' -> "\\f";
            default -> "\\u" + HexFormat.of().toHexDigits(c);
        };
    }
}
