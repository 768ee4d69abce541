package dev.pillion.model;

import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * Typed access to the key-value pairs of a model file.
 *
 * <p>Values are {@code Long} (every integer type; unsigned 64-bit values keep their bits), {@code Float},
 * {@code Double}, {@code Boolean}, {@code String}, {@code long[]} (arrays of integers), {@code float[]},
 * {@code double[]}, {@code boolean[]} and {@code List<Object>} (arrays of strings or of arrays). A key that is there
 * with another type than asked for is a fault of the file and ends in a {@link ModelFormatException}.
 */
public final class Metadata {
    private final Path file;
    private final Map<String, Object> values;

    /**
     * Wraps values read from a file.
     *
     * @param file named in exceptions
     * @param values the pairs, in file order
     */
    public Metadata(Path file, Map<String, Object> values) {
        this.file = file;
        this.values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }

    /** The file the pairs come from. */
    public Path file() {
        return file;
    }

    /** All pairs in file order. */
    public Map<String, Object> values() {
        return values;
    }

    /** Whether the key is present. */
    public boolean has(String key) {
        return values.containsKey(key);
    }

    /** The string under {@code key}. */
    public Optional<String> string(String key) {
        return typed(key, String.class, "a string");
    }

    /** The boolean under {@code key}. */
    public Optional<Boolean> bool(String key) {
        return typed(key, Boolean.class, "a boolean");
    }

    /** The integer under {@code key}. */
    public OptionalLong integer(String key) {
        Optional<Long> value = typed(key, Long.class, "an integer");
        return value.isPresent() ? OptionalLong.of(value.get()) : OptionalLong.empty();
    }

    /** The number under {@code key}, of any numeric type. */
    public OptionalDouble number(String key) {
        Optional<Number> value = typed(key, Number.class, "a number");
        return value.isPresent() ? OptionalDouble.of(value.get().doubleValue()) : OptionalDouble.empty();
    }

    /** The integers under {@code key}. */
    public Optional<long[]> integers(String key) {
        return typed(key, long[].class, "an array of integers");
    }

    /** The 32-bit floats under {@code key}. */
    public Optional<float[]> floats(String key) {
        return typed(key, float[].class, "an array of 32-bit floats");
    }

    /** The strings under {@code key}. */
    @SuppressWarnings("unchecked")
    public Optional<List<String>> strings(String key) {
        Optional<List<?>> list = typed(key, List.class, "an array of strings").map(value -> (List<?>) value);
        if (list.isPresent() && !list.get().stream().allMatch(String.class::isInstance)) {
            throw mismatch(key, "an array of strings", list.get());
        }
        return list.map(value -> (List<String>) value);
    }

    /** The fault "key is missing", for readers that cannot go on without it. */
    public ModelFormatException missing(String key) {
        return new ModelFormatException(file, "metadata key " + key, "is missing");
    }

    private <T> Optional<T> typed(String key, Class<T> type, String expected) {
        Object value = values.get(key);
        if (value != null && !type.isInstance(value)) {
            throw mismatch(key, expected, value);
        }
        return Optional.ofNullable(type.cast(value));
    }

    private ModelFormatException mismatch(String key, String expected, Object value) {
        return new ModelFormatException(
                file, "metadata key " + key, "is " + typeName(value) + " but should be " + expected);
    }

    private static String typeName(Object value) {
        return switch (value) {
            case Long _ -> "an integer";
            case Float _ -> "a 32-bit float";
            case Double _ -> "a 64-bit float";
            case Boolean _ -> "a boolean";
            case String _ -> "a string";
            case long[] _ -> "an array of integers";
            case float[] _ -> "an array of 32-bit floats";
            case double[] _ -> "an array of 64-bit floats";
            case boolean[] _ -> "an array of booleans";
            case List<?> _ -> "an array of strings or arrays";
            default -> value.getClass().getSimpleName();
        };
    }
}
