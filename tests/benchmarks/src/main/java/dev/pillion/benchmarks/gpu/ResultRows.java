package dev.pillion.benchmarks.gpu;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.pillion.model.json.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * Rows in a JSON file: an array of one object per row, absent values null. The file is whole after every {@link #add}, so a
 * program that is stopped because its time is over leaves what it measured.
 */
public final class ResultRows {
    private static final JsonFactory FACTORY = new JsonFactory();

    private final Path file;
    private final List<ResultRow> rows = new ArrayList<>();

    /** Starts an empty file. */
    public ResultRows(Path file) {
        this.file = file.toAbsolutePath();
        write();
    }

    /** Adds a row to the file. */
    public synchronized void add(ResultRow row) {
        rows.add(row);
        write();
    }

    /** All rows so far. */
    public synchronized List<ResultRow> rows() {
        return List.copyOf(rows);
    }

    /** Beside the file first, then in its place: a reader never sees half a file. */
    private void write() {
        Path unfinished = file.resolveSibling(file.getFileName() + ".unfinished");
        try {
            Files.createDirectories(file.getParent());
            try (JsonGenerator json = FACTORY.createGenerator(unfinished.toFile(), JsonEncoding.UTF8)) {
                json.writeStartArray();
                for (ResultRow row : rows) {
                    json.writeRaw("\n");
                    write(json, row);
                }
                json.writeRaw("\n");
                json.writeEndArray();
                json.writeRaw("\n");
            }
            Files.move(unfinished, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file, e);
        }
    }

    private static void write(JsonGenerator json, ResultRow row) throws IOException {
        json.writeStartObject();
        json.writeStringField("stage", row.stage());
        json.writeStringField("name", row.name());
        write(json, "shape", row.shape());
        write(json, "value", row.value());
        write(json, "unit", row.unit());
        write(json, "ceiling", row.ceiling());
        write(json, "ceiling_unit", row.ceilingUnit());
        write(json, "share", row.share());
        write(json, "target", row.target());
        json.writeFieldName("passed");
        if (row.passed().isPresent()) {
            json.writeBoolean(row.passed().get());
        } else {
            json.writeNull();
        }
        write(json, "peer", row.peer());
        write(json, "note", row.note());
        json.writeEndObject();
    }

    private static void write(JsonGenerator json, String field, String text) throws IOException {
        json.writeFieldName(field);
        if (text.isEmpty()) {
            json.writeNull();
        } else {
            json.writeString(text);
        }
    }

    private static void write(JsonGenerator json, String field, OptionalDouble number) throws IOException {
        json.writeFieldName(field);
        if (number.isPresent()) {
            json.writeNumber(number.getAsDouble());
        } else {
            json.writeNull();
        }
    }

    /**
     * Reads the rows of a file.
     *
     * @throws IllegalArgumentException if the file holds something else, naming it
     */
    public static List<ResultRow> read(Path file) {
        if (!(Json.parse(file) instanceof List<?> items)) {
            throw new IllegalArgumentException(file + " is not an array of result rows");
        }
        List<ResultRow> rows = new ArrayList<>();
        for (Object item : items) {
            if (!(item instanceof Map<?, ?> fields)) {
                throw new IllegalArgumentException(file + ": row " + rows.size() + " is not an object");
            }
            rows.add(row(fields));
        }
        return rows;
    }

    private static ResultRow row(Map<?, ?> fields) {
        return new ResultRow(
                text(fields.get("stage")),
                text(fields.get("name")),
                text(fields.get("shape")),
                number(fields.get("value")),
                text(fields.get("unit")),
                number(fields.get("ceiling")),
                text(fields.get("ceiling_unit")),
                number(fields.get("share")),
                text(fields.get("target")),
                fields.get("passed") instanceof Boolean passed ? Optional.of(passed) : Optional.empty(),
                text(fields.get("peer")),
                text(fields.get("note")));
    }

    private static String text(@Nullable Object value) {
        return value == null ? "" : value.toString();
    }

    private static OptionalDouble number(@Nullable Object value) {
        return value instanceof Number number ? OptionalDouble.of(number.doubleValue()) : OptionalDouble.empty();
    }
}
