package dev.pillion.model.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.pillion.model.ModelFormatException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
    private static final Path FILE = Path.of("x.json");

    @TempDir
    Path folder;

    @Test
    void readsEveryKindOfValue() {
        String text = "{\"b\":[1,-2,1.5,true,false,null,\"\\u00fc\"],\"a\":{},\"big\":123456789012345678901}";
        Object value = Json.parse(text, FILE);
        assertThat(value).isEqualTo(Map.of(
                "b", Arrays.asList(1L, -2L, 1.5, true, false, null, "\u00fc"),
                "a", Map.of(),
                "big", 123456789012345678901d));
        assertThat(((Map<?, ?>) value).keySet().stream().map(Object::toString)).containsExactly("b", "a", "big");
        assertThat(Json.parse("[9223372036854775807]", FILE)).isEqualTo(List.of(Long.MAX_VALUE));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "", " ", "{", "[1,]", "{\"a\":1,\"a\":2}", "{} {}", "[NaN]", "nul", "{'a':1}", "[01]", "\"\n\""})
    void refusesWhatIsNotOneDocument(String text) {
        assertThatThrownBy(() -> Json.parse(text, FILE))
                .isInstanceOf(ModelFormatException.class).hasMessageStartingWith("x.json: JSON");
    }

    @Test
    void refusesDeepNestingAndTooManyTokens() {
        assertThatThrownBy(() -> Json.parse("[".repeat(100_000), FILE))
                .isInstanceOf(ModelFormatException.class).hasMessageContaining("depth");
        String many = "[" + "1,".repeat(10_000_001) + "1]";
        assertThatThrownBy(() -> Json.parse(many, FILE))
                .isInstanceOf(ModelFormatException.class).hasMessageContaining("10000000");
    }

    @Test
    void countsOffsetsFromTheStartOfTheFile() {
        byte[] bytes = "{\"a\":x}".getBytes(StandardCharsets.UTF_8);
        long alone = offset(bytes, 0);
        assertThat(alone).isBetween(5L, 7L);
        assertThat(offset(bytes, 1000)).isEqualTo(alone + 1000);
    }

    private static long offset(byte[] bytes, long fileOffset) {
        ModelFormatException fault =
                catchThrowableOfType(ModelFormatException.class, () -> Json.parse(bytes, FILE, fileOffset));
        assertThat(fault).isNotNull();
        return fault.offset();
    }

    @Test
    void readsFiles() throws IOException {
        Path file = Files.writeString(folder.resolve("ok.json"), "{\"a\":1}");
        assertThat(Json.parseObject(file)).isEqualTo(Map.of("a", 1L));
        Path list = Files.writeString(folder.resolve("list.json"), "[]");
        assertThatThrownBy(() -> Json.parseObject(list)).isInstanceOf(ModelFormatException.class);
        assertThatThrownBy(() -> Json.parse(folder.resolve("missing.json"))).isInstanceOf(UncheckedIOException.class);
    }

    @Test
    void refusesAFileTooLargeBeforeReadingIt() throws IOException {
        Path huge = folder.resolve("huge.json");
        try (RandomAccessFile sparse = new RandomAccessFile(huge.toFile(), "rw")) {
            sparse.setLength(1L << 40);
        }
        assertThatThrownBy(() -> Json.parse(huge))
                .isInstanceOf(ModelFormatException.class).hasMessageContaining("at most");
    }
}
