package dev.pillion.simulator.workload;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One JSON object on one line, as far as traces need it: numbers and arrays of whole numbers by name. Strings, words and
 * what is nested are read over.
 */
final class JsonLine {
    private final Path file;
    private final long line;
    private final String text;
    private final Map<String, Object> values = new HashMap<>();
    private int at;

    JsonLine(Path file, long line, String text) {
        this.file = file;
        this.line = line;
        this.text = text;
        readObject();
    }

    boolean has(String name) {
        return values.containsKey(name);
    }

    double number(String name, double least, double most) {
        Object value = values.get(name);
        if (value == null) {
            throw broken(name, "is missing among " + values.keySet());
        }
        if (!(value instanceof Double number) || !(number >= least && number <= most)) {
            throw broken(name, (value instanceof Double ? value.toString() : "the value") + " is not a number from " + least
                    + " to " + most);
        }
        return number;
    }

    long @Nullable [] array(String name) {
        Object value = values.get(name);
        if (value == null || value instanceof long[]) {
            return (long[]) value;
        }
        throw broken(name, "is not an array of whole numbers");
    }

    private void readObject() {
        expect('{');
        if (peek() == '}') {
            at++;
        } else {
            char next;
            do {
                String name = string();
                expect(':');
                values.put(name, value(name));
                next = take();
            } while (next == ',');
            if (next != '}') {
                throw broken("object", "',' or '}' expected at column " + at + ", not '" + next + "'");
            }
        }
        skipSpace();
        if (at < text.length()) {
            throw broken("object", "something follows it at column " + (at + 1));
        }
    }

    private Object value(String name) {
        char c = peek();
        if (c == '"') {
            return string();
        }
        if (c == '[') {
            return array();
        }
        if (c == '{') {
            skipNested();
            return Map.of();
        }
        int from = at;
        while (at < text.length() && ",]} \t".indexOf(text.charAt(at)) < 0) {
            at++;
        }
        String word = text.substring(from, at);
        if (word.equals("true") || word.equals("false") || word.equals("null")) {
            return word;
        }
        try {
            return Double.valueOf(word);
        } catch (NumberFormatException bad) {
            throw broken(name, "'" + word + "' at column " + (from + 1) + " is no value");
        }
    }

    /** An array of whole numbers, or anything else in brackets as an empty map. */
    private Object array() {
        int start = at;
        at++;
        long[] numbers = new long[64];
        int count = 0;
        if (peek() == ']') {
            at++;
            return new long[0];
        }
        while (true) {
            char c = peek();
            boolean negative = c == '-';
            at += negative ? 1 : 0;
            int from = at;
            long number = 0;
            while (at < text.length() && at - from < 18 && Character.isDigit(text.charAt(at))) {
                number = 10 * number + text.charAt(at++) - '0';
            }
            char next = at == from ? ' ' : take();
            if (next != ',' && next != ']') {
                at = start;
                skipNested();
                return Map.of();
            }
            if (count == numbers.length) {
                numbers = Arrays.copyOf(numbers, 2 * count);
            }
            numbers[count++] = negative ? -number : number;
            if (next == ']') {
                return Arrays.copyOf(numbers, count);
            }
        }
    }

    private void skipNested() {
        int depth = 0;
        do {
            char c = peek();
            if (c == '"') {
                string();
                continue;
            }
            depth += c == '[' || c == '{' ? 1 : c == ']' || c == '}' ? -1 : 0;
            at++;
        } while (depth > 0);
    }

    private String string() {
        expect('"');
        int from = at;
        while (at < text.length() && text.charAt(at) != '"') {
            at += text.charAt(at) == '\\' ? 2 : 1;
        }
        if (at >= text.length()) {
            throw broken("string", "no end of the one at column " + from);
        }
        return text.substring(from, at++);
    }

    private void expect(char c) {
        char found = take();
        if (found != c) {
            throw broken("object", "'" + c + "' expected at column " + at + ", not '" + found + "'");
        }
    }

    private char take() {
        char c = peek();
        at++;
        return c;
    }

    private char peek() {
        skipSpace();
        if (at >= text.length()) {
            throw broken("object", "the line ends in the middle of it");
        }
        return text.charAt(at);
    }

    private void skipSpace() {
        while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
            at++;
        }
    }

    private TraceFormatException broken(String field, String problem) {
        return new TraceFormatException(file, line, field, problem);
    }
}
