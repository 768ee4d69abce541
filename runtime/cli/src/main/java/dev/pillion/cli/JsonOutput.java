package dev.pillion.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamWriteFeature;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Writes plain values as one line of JSON: maps, iterables, arrays of numbers, strings, numbers, booleans and null.
 * Floats are written with as many digits as it takes to read the same float back; NaN and infinities, which JSON lacks,
 * as strings.
 */
final class JsonOutput {
    private static final JsonFactory FACTORY =
            JsonFactory.builder().disable(StreamWriteFeature.AUTO_CLOSE_TARGET).build();

    private JsonOutput() {}

    /** Writes a value and a line end. */
    static void line(ResultWriter out, Object value) {
        try (JsonGenerator json = FACTORY.createGenerator(out)) {
            write(json, value);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write JSON", e);
        }
        out.line("");
        out.flush();
    }

    /** A value as text on one line, without a line end. */
    static String text(Object value) {
        StringWriter out = new StringWriter();
        try (JsonGenerator json = FACTORY.createGenerator(out)) {
            write(json, value);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write JSON", e);
        }
        return out.toString();
    }

    private static void write(JsonGenerator json, @Nullable Object value) throws IOException {
        switch (value) {
            case null -> json.writeNull();
            case String text -> json.writeString(text);
            case Boolean bool -> json.writeBoolean(bool);
            case Float number -> json.writeNumber(number);
            case Double number -> json.writeNumber(number);
            case Number number -> json.writeNumber(number.longValue());
            case Enum<?> name -> json.writeString(name.name());
            case int[] numbers -> json.writeArray(numbers, 0, numbers.length);
            case long[] numbers -> json.writeArray(numbers, 0, numbers.length);
            case double[] numbers -> json.writeArray(numbers, 0, numbers.length);
            case float[] numbers -> writeFloats(json, numbers);
            case boolean[] flags -> writeFlags(json, flags);
            case Optional<?> optional -> write(json, optional.orElse(null));
            case Map<?, ?> map -> writeMap(json, map);
            case Iterable<?> items -> writeItems(json, items);
            case Object[] items -> writeItems(json, Arrays.asList(items));
            default -> throw new IllegalArgumentException("no JSON for " + value.getClass());
        }
    }

    private static void writeMap(JsonGenerator json, Map<?, ?> map) throws IOException {
        json.writeStartObject();
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            json.writeFieldName(String.valueOf(entry.getKey()));
            write(json, entry.getValue());
        }
        json.writeEndObject();
    }

    private static void writeItems(JsonGenerator json, Iterable<?> items) throws IOException {
        json.writeStartArray();
        for (Object item : items) {
            write(json, item);
        }
        json.writeEndArray();
    }

    private static void writeFloats(JsonGenerator json, float[] numbers) throws IOException {
        json.writeStartArray();
        for (float number : numbers) {
            json.writeNumber(number);
        }
        json.writeEndArray();
    }

    private static void writeFlags(JsonGenerator json, boolean[] flags) throws IOException {
        json.writeStartArray();
        for (boolean flag : flags) {
            json.writeBoolean(flag);
        }
        json.writeEndArray();
    }
}
