package dev.pillion.model.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.pillion.model.ModelFormatException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One test for each kind of fault: the exception names the subject, the place and the problem. */
class SafetensorsFaultTest {
    private static final Path FILE = Path.of("bad.safetensors");
    private static final long NO_OFFSET = ModelFormatException.NO_OFFSET;

    private static void expect(byte[] bytes, String subject, long offset, String problem) {
        ModelFormatException fault = catchThrowableOfType(
                ModelFormatException.class, () -> SafetensorsShard.read(FILE, MemorySegment.ofArray(bytes)));
        assertThat(fault).isNotNull();
        assertThat(fault.file()).isEqualTo(FILE);
        assertThat(fault.subject()).isEqualTo(subject);
        assertThat(fault.offset()).isEqualTo(offset);
        assertThat(fault).hasMessageContaining("bad.safetensors").hasMessageContaining(problem);
    }

    private static void expectEntry(String entry, String problem) {
        expect(new SafetensorsBuilder().rawEntry("t", entry).build(), "tensor t", NO_OFFSET, problem);
    }

    private static byte[] headerLength(long length) {
        return ByteBuffer.allocate(100).order(ByteOrder.LITTLE_ENDIAN).putLong(length).array();
    }

    @Test
    void tooShortForALength() {
        expect(new byte[7], "header length", 0, "the file has 7 bytes");
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, Long.MIN_VALUE, Long.MAX_VALUE, 100_000_001})
    void headerLengthOutOfRange(long length) {
        expect(headerLength(length), "header length", 0, "at most 100000000 are allowed");
    }

    @Test
    void headerBeyondTheFile() {
        expect(headerLength(93), "header length", 0, "93 bytes, but only 92 bytes are left");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " {}", "[]", "null", "7"})
    void headerThatIsNoObject(String header) {
        expect(SafetensorsBuilder.file(header, new byte[0]), "header", 8, "does not begin with '{'");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"{\"a\":1|14", "{]|9", "{}x|10", "{\"a\":1,\"a\":2}|18"})
    void headerThatIsNoJson(String header, long offset) {
        expect(SafetensorsBuilder.file(header, new byte[0]), "JSON", offset, "");
    }

    @Test
    void headerNestedTooDeep() {
        expect(SafetensorsBuilder.file("{\"a\":" + "[".repeat(100_000), new byte[0]), "JSON", 213, "nesting depth");
    }

    @Test
    void metadataThatIsNoObject() {
        expect(new SafetensorsBuilder().metadata("[]").build(), "__metadata__", NO_OFFSET, "is not an object");
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "null", "{}", "[\"pt\"]"})
    void metadataThatIsNoString(String value) {
        expect(new SafetensorsBuilder().metadata("{\"k\":" + value + "}").build(), "metadata key k", NO_OFFSET,
                "is not a string");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "1|is not described by an object",
        "{}|dtype is not a string",
        "{\"dtype\":7}|dtype is not a string",
        "{\"dtype\":\"F32\"}|shape is not an array",
        "{\"dtype\":\"F32\",\"shape\":2}|shape is not an array",
        "{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,0]}|shape contains -1",
        "{\"dtype\":\"F32\",\"shape\":[1.5],\"data_offsets\":[0,0]}|shape contains 1.5",
        "{\"dtype\":\"F32\",\"shape\":[null],\"data_offsets\":[0,0]}|shape contains null",
        "{\"dtype\":\"F32\",\"shape\":[9223372036854775808],\"data_offsets\":[0,0]}|shape contains 9.22",
        "{\"dtype\":\"F32\",\"shape\":[0]}|data_offsets is not an array",
        "{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0]}|data_offsets has 1 numbers instead of 2",
        "{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0,0]}|data_offsets has 3 numbers instead of 2",
        "{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[-4,0]}|data_offsets contains -4",
        "{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}|[0, 4] are not a range within the 0 bytes",
        "{\"dtype\":\"I8\",\"shape\":[0],\"data_offsets\":[1,0]}|[1, 0] are not a range",
        "{\"dtype\":\"I8\",\"shape\":[4294967296,2147483648,2],\"data_offsets\":[0,0]}|does not fit 64 bits",
        "{\"dtype\":\"I8\",\"shape\":[4294967296,4294967296,0],\"data_offsets\":[0,0]}|does not fit 64 bits",
        "{\"dtype\":\"F64\",\"shape\":[4611686018427387904],\"data_offsets\":[0,0]}|does not fit 64 bits",
    })
    void entryOutOfRange(String entry, String problem) {
        expectEntry(entry, problem);
    }

    @ParameterizedTest
    @ValueSource(strings = {"BOOL", "U8", "U16", "U32", "U64", "F8_E4M3", "F8_E5M2", "F4", "Q4_0", "f32", ""})
    void unsupportedType(String dtype) {
        expectEntry("{\"dtype\":\"%s\",\"shape\":[0],\"data_offsets\":[0,0]}".formatted(dtype),
                "dtype " + dtype + " is not supported");
    }

    @Test
    void bytesThatDoNotMatchTheShape() {
        SafetensorsBuilder builder = new SafetensorsBuilder().tensor("t", "F32", new byte[12], 2, 2);
        expect(builder.build(), "tensor t", 8 + builder.header().length(), "has 12 bytes, but F32 [2, 2] needs 16");
    }

    @Test
    void tensorsThatOverlap() {
        String header = "{\"a\":{\"dtype\":\"I8\",\"shape\":[3],\"data_offsets\":[0,3]},"
                + "\"b\":{\"dtype\":\"I8\",\"shape\":[2],\"data_offsets\":[2,4]}}";
        expect(SafetensorsBuilder.file(header, new byte[4]), "tensor b", 8 + header.length() + 2,
                "begins at offset 2, inside the tensor before it, which ends at 3");
    }

    @Test
    void gapBetweenTensors() {
        String header = "{\"a\":{\"dtype\":\"I8\",\"shape\":[3],\"data_offsets\":[1,4]}}";
        expect(SafetensorsBuilder.file(header, new byte[4]), "tensor a", 8 + header.length() + 1,
                "begins at offset 1, leaving a gap after");
    }

    @Test
    void bytesAfterTheLastTensor() {
        byte[] bytes = new SafetensorsBuilder().tensor("t", "I8", new byte[3], 3).build();
        expect(Arrays.copyOf(bytes, bytes.length + 5), "data section", bytes.length,
                "5 bytes after the last tensor belong to none");
    }

    @Test
    void headerCutAnywhere() {
        byte[] bytes = new SafetensorsBuilder().metadata("{\"format\":\"pt\"}")
                .tensor("t", "F32", new byte[8], 2).build();
        for (int length = 0; length < bytes.length; length++) {
            byte[] cut = Arrays.copyOf(bytes, length);
            assertThat(catchThrowableOfType(
                            ModelFormatException.class, () -> SafetensorsShard.read(FILE, MemorySegment.ofArray(cut))))
                    .as("cut to %d bytes", length).isNotNull();
        }
    }
}
