package dev.pillion.model.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import dev.pillion.model.ModelFormatException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads a JSON document into plain values: {@code Map<String, Object>} in document order, {@code List<Object>},
 * {@code String}, {@code Long}, {@code Double}, {@code Boolean} and {@code null}.
 *
 * <p>The parser's limits make hostile documents harmless: nesting is bounded, so the recursion here is; size and number
 * of tokens are bounded, so the heap taken is (an empty object is two bytes of text and half a hundred of heap); and
 * duplicate keys are refused, because two readers could disagree on which one counts.
 */
public final class Json {
    private static final int MAX_DEPTH = 200;
    private static final long MAX_FILE_BYTES = 256L << 20;
    /** Three times what the largest known tokenizer.json has (262,000 tokens, 515,000 merges as pairs). */
    private static final long MAX_TOKENS = 10_000_000;

    private static final JsonFactory FACTORY = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_DEPTH)
                    .maxStringLength(64 << 20)
                    .maxNameLength(1 << 20)
                    .maxTokenCount(MAX_TOKENS)
                    .build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private Json() {}

    /**
     * Reads a whole file.
     *
     * @throws ModelFormatException if it is not one well-formed JSON document
     * @throws UncheckedIOException if it cannot be read
     */
    public static @Nullable Object parse(Path file) {
        try {
            long size = Files.size(file);
            if (size > MAX_FILE_BYTES) {
                throw new ModelFormatException(
                        file, "file", "has " + size + " bytes; at most " + MAX_FILE_BYTES + " are read as JSON");
            }
            return parse(Files.readAllBytes(file), file);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    /**
     * Reads a document from UTF-8 bytes.
     *
     * @param utf8 the document
     * @param file named in the exception
     * @throws ModelFormatException if the bytes are not one well-formed JSON document
     */
    public static @Nullable Object parse(byte[] utf8, Path file) {
        return parse(utf8, file, 0);
    }

    /**
     * Reads a document from UTF-8 bytes that are part of a file.
     *
     * @param utf8 the document
     * @param file named in the exception
     * @param fileOffset where in the file the document begins; offsets in exceptions count from the file's start
     * @throws ModelFormatException if the bytes are not one well-formed JSON document
     */
    public static @Nullable Object parse(byte[] utf8, Path file, long fileOffset) {
        try (JsonParser parser = FACTORY.createParser(utf8)) {
            return document(parser, file, fileOffset);
        } catch (IOException e) {
            throw malformed(file, fileOffset, e);
        }
    }

    /**
     * Reads a document from text.
     *
     * @param text the document
     * @param file named in the exception
     * @throws ModelFormatException if the text is not one well-formed JSON document
     */
    public static @Nullable Object parse(String text, Path file) {
        try (JsonParser parser = FACTORY.createParser(text)) {
            return document(parser, file, 0);
        } catch (IOException e) {
            throw malformed(file, 0, e);
        }
    }

    /**
     * Reads a file whose document is an object.
     *
     * @throws ModelFormatException if it is anything else
     * @throws UncheckedIOException if it cannot be read
     */
    public static Map<String, @Nullable Object> parseObject(Path file) {
        if (parse(file) instanceof Map<?, ?> map) {
            return object(map);
        }
        throw new ModelFormatException(file, "document", "is not a JSON object");
    }

    /** Narrows a value of a parsed document that is known to be an object. */
    @SuppressWarnings("unchecked")
    public static Map<String, @Nullable Object> object(Map<?, ?> value) {
        return (Map<String, @Nullable Object>) value;
    }

    private static @Nullable Object document(JsonParser parser, Path file, long fileOffset) throws IOException {
        if (parser.nextToken() == null) {
            throw new ModelFormatException(file, "JSON", fileOffset, "the document is empty");
        }
        Object value;
        try {
            value = value(parser);
        } catch (StreamConstraintsException e) {
            // Exceeded limits, unlike malformed text, come without a location.
            throw new ModelFormatException(
                    file, "JSON", offset(parser.currentLocation(), fileOffset), e.getOriginalMessage());
        }
        if (parser.nextToken() != null) {
            throw new ModelFormatException(file, "JSON", offset(parser.currentTokenLocation(), fileOffset),
                    "text after the end of the document");
        }
        return value;
    }

    private static @Nullable Object value(JsonParser parser) throws IOException {
        return switch (parser.currentToken()) {
            case START_OBJECT -> objectValue(parser);
            case START_ARRAY -> arrayValue(parser);
            case VALUE_STRING -> parser.getText();
            case VALUE_NUMBER_INT -> integer(parser);
            case VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
            case VALUE_TRUE -> Boolean.TRUE;
            case VALUE_FALSE -> Boolean.FALSE;
            default -> null;
        };
    }

    private static Map<String, @Nullable Object> objectValue(JsonParser parser) throws IOException {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            parser.nextToken();
            map.put(name, value(parser));
        }
        return map;
    }

    private static List<@Nullable Object> arrayValue(JsonParser parser) throws IOException {
        List<@Nullable Object> list = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            list.add(value(parser));
        }
        return list;
    }

    /** Integers beyond 64 bits (tokenizer configs write 1e30 as digits for "no limit") become doubles. */
    private static Object integer(JsonParser parser) throws IOException {
        return parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER
                ? (Object) parser.getDoubleValue()
                : (Object) parser.getLongValue();
    }

    private static ModelFormatException malformed(Path file, long fileOffset, IOException e) {
        return e instanceof JsonProcessingException json
                ? new ModelFormatException(file, "JSON", offset(json.getLocation(), fileOffset),
                        json.getOriginalMessage())
                : new ModelFormatException(file, "JSON", String.valueOf(e.getMessage()));
    }

    /** Text, unlike bytes, has no byte offsets. */
    private static long offset(@Nullable JsonLocation location, long fileOffset) {
        return location == null || location.getByteOffset() < 0
                ? ModelFormatException.NO_OFFSET
                : fileOffset + location.getByteOffset();
    }
}
