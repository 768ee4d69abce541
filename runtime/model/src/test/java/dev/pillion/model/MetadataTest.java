package dev.pillion.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class MetadataTest {
    private final Metadata metadata = new Metadata(Path.of("m.gguf"), Map.of(
            "integer", 7L, "float", 1.5f, "text", "t", "list", List.of("a", List.of()), "longs", new long[] {1}));

    @Test
    void numbersOfAnyTypeAreNumbers() {
        assertThat(metadata.number("integer")).hasValue(7);
        assertThat(metadata.number("float")).hasValue(1.5);
        assertThat(metadata.number("absent")).isEmpty();
        assertThat(metadata.has("integer")).isTrue();
        assertThat(metadata.has("absent")).isFalse();
    }

    @Test
    void anotherTypeIsAFaultThatNamesKeyAndTypes() {
        expect(() -> metadata.integer("text"), "text", "is a string but should be an integer");
        expect(() -> metadata.integer("float"), "float", "is a 32-bit float but should be an integer");
        expect(() -> metadata.string("integer"), "integer", "is an integer but should be a string");
        expect(() -> metadata.bool("integer"), "integer", "should be a boolean");
        expect(() -> metadata.floats("longs"), "longs",
                "is an array of integers but should be an array of 32-bit floats");
        expect(() -> metadata.strings("list"), "list", "should be an array of strings");
        expect(() -> metadata.strings("longs"), "longs", "should be an array of strings");
    }

    @Test
    void aMissingKeyCanBeReported() {
        assertThat(metadata.missing("k")).hasMessage("m.gguf: metadata key k: is missing");
    }

    private static void expect(ThrowingCallable call, String key, String problem) {
        assertThatThrownBy(call).isInstanceOf(ModelFormatException.class)
                .hasMessageContaining("m.gguf: metadata key " + key + ": ").hasMessageContaining(problem);
    }
}
