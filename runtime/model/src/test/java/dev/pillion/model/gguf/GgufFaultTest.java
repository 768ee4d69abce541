package dev.pillion.model.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.pillion.model.ModelFormatException;
import dev.pillion.model.TensorType;
import dev.pillion.model.gguf.GgufBuilder.LittleEndian;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One test for each kind of fault: the exception names the subject, the place and the problem. */
class GgufFaultTest {
    private static final Path FILE = Path.of("bad.gguf");

    private final GgufBuilder builder = new GgufBuilder();

    private static void expect(byte[] bytes, String subject, long offset, String problem) {
        ModelFormatException fault = catchThrowableOfType(
                ModelFormatException.class, () -> GgufShard.read(FILE, MemorySegment.ofArray(bytes)));
        assertThat(fault).isNotNull();
        assertThat(fault.file()).isEqualTo(FILE);
        assertThat(fault.subject()).isEqualTo(subject);
        assertThat(fault.offset()).isEqualTo(offset);
        assertThat(fault).hasMessageContaining("bad.gguf").hasMessageContaining(subject).hasMessageContaining(problem);
    }

    private static byte[] patchLong(byte[] bytes, long at, long value) {
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong((int) at, value);
        return bytes;
    }

    private static byte[] patchInt(byte[] bytes, long at, int value) {
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt((int) at, value);
        return bytes;
    }

    @Test
    void emptyFile() {
        expect(new byte[0], "magic", 0, "only 0 bytes are left");
    }

    @Test
    void wrongMagic() {
        expect("PK\3\4 and more".getBytes(), "magic", 0, "0x504b0304 is not \"GGUF\"");
    }

    @Test
    void bigEndian() {
        expect(patchInt(builder.build(), 4, Integer.reverseBytes(3)), "version", 4, "big-endian GGUF v3");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 4, 65535})
    void unknownVersion(int version) {
        expect(builder.version(version).build(), "version", 4, "GGUF version " + version + " is not supported");
    }

    @ParameterizedTest
    @CsvSource({"8, tensor count", "16, metadata count"})
    void countBeyondTheFile(int at, String subject) {
        for (long count : new long[] {-1, Long.MIN_VALUE, Long.MAX_VALUE, 1L << 32, 1000}) {
            expect(patchLong(builder.build(), at, count), subject, at, "is " + Long.toUnsignedString(count));
        }
    }

    @Test
    void keyBeyondTheFile() {
        byte[] bytes = builder.bool("k", true).bool("l", true).build();
        expect(patchLong(bytes, builder.position("key l"), 1000), "metadata pair 1", builder.position("key l") + 8,
                "key of 1000 bytes, but only 6 bytes are left");
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 65536, -1, Long.MAX_VALUE})
    void keyLengthOutOfRange(long length) {
        byte[] bytes = builder.bool("k", true).build();
        expect(patchLong(bytes, builder.position("key k"), length), "metadata pair 0", builder.position("key k"),
                "allowed are 1 to 65535");
    }

    @Test
    void duplicateKey() {
        byte[] bytes = builder.bool("k", true).string("k", "x").build();
        expect(bytes, "metadata key k", builder.position("key k"), "appears twice");
    }

    @ParameterizedTest
    @ValueSource(ints = {13, -1, 255})
    void unknownValueType(int type) {
        byte[] bytes = builder.pair("k", type, new byte[8]).build();
        expect(bytes, "metadata key k", builder.position("value k"), "value type " + Integer.toUnsignedString(type));
    }

    @Test
    void unknownElementType() {
        byte[] bytes = builder.array("k", 13, 0, new byte[0]).build();
        expect(bytes, "metadata key k", builder.position("value k") + 4, "value type 13");
    }

    @Test
    void booleanThatIsNeither() {
        byte[] bytes = builder.pair("k", GgufValues.BOOL, new byte[] {2}).build();
        expect(bytes, "metadata key k", builder.position("value k") + 4, "a boolean is 0 or 1, not 2");
    }

    @Test
    void booleanInAnArrayThatIsNeither() {
        byte[] bytes = builder.array("k", GgufValues.BOOL, 2, new byte[] {1, -1}).build();
        expect(bytes, "metadata key k", builder.position("value k") + 17, "a boolean is 0 or 1, not 255");
    }

    @ParameterizedTest
    @ValueSource(longs = {5, -1, Long.MIN_VALUE, 1L << 62})
    void stringBeyondTheFile(long length) {
        byte[] bytes = builder.pair("k", GgufValues.STRING, new LittleEndian().int64(length).int32(0).bytes()).build();
        expect(bytes, "metadata key k", builder.position("value k") + 12, "but only 4 bytes are left");
    }

    @ParameterizedTest
    @CsvSource({"0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12"})
    void arrayBeyondTheFile(int elementType) {
        for (long count : new long[] {33, -1, Long.MIN_VALUE, Long.MAX_VALUE, 1L << 61, 1L << 32}) {
            GgufBuilder array = new GgufBuilder().array("k", elementType, count, new byte[32]);
            byte[] bytes = array.build();
            expect(bytes, "metadata key k", array.position("value k") + 8,
                    "array length is " + Long.toUnsignedString(count));
        }
    }

    @Test
    void headerBeyondItsLimit() {
        byte[] start = builder.array("k", GgufValues.UINT8, GgufCursor.MAX_HEADER_BYTES, new byte[0]).build();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocate(GgufCursor.MAX_HEADER_BYTES + start.length);
            MemorySegment.copy(start, 0, bytes, ValueLayout.JAVA_BYTE, 0, start.length);
            ModelFormatException fault =
                    catchThrowableOfType(ModelFormatException.class, () -> GgufShard.read(FILE, bytes));
            assertThat(fault.offset()).isEqualTo(builder.position("value k") + 8);
            assertThat(fault).hasMessageContaining("of the 134217728 that a header may have");
        }
    }

    @Test
    void arraysNestedTooDeep() {
        LittleEndian content = new LittleEndian();
        for (int i = 0; i < GgufValues.MAX_DEPTH - 1; i++) {
            content.int32(GgufValues.ARRAY).int64(1);
        }
        byte[] deepest = new LittleEndian().int32(GgufValues.UINT8).int64(1).int8(9).bytes();
        byte[] whole = new LittleEndian().raw(content.bytes()).raw(deepest).bytes();
        GgufBuilder allowed = new GgufBuilder().pair("k", GgufValues.ARRAY, whole);
        assertThat(GgufShard.read(FILE, MemorySegment.ofArray(allowed.build())).metadata().has("k")).isTrue();

        content.int32(GgufValues.ARRAY).int64(1).raw(deepest);
        byte[] bytes = builder.pair("k", GgufValues.ARRAY, content.bytes()).build();
        long at = builder.position("value k") + 4 + 12L * GgufValues.MAX_DEPTH;
        expect(bytes, "metadata key k", at, "nested deeper than " + GgufValues.MAX_DEPTH);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 4, 24, 33, 0x80000000L, 0xFFFFFFFFL})
    void alignmentOutOfRange(long alignment) {
        byte[] bytes = builder.uint32("general.alignment", alignment).build();
        expect(bytes, "metadata key general.alignment", builder.position("value general.alignment"), "is " + alignment);
    }

    @Test
    void alignmentOfAnotherType() {
        byte[] bytes = builder.string("general.alignment", "32").build();
        expect(bytes, "metadata key general.alignment", builder.position("value general.alignment"), "power of two");
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 65, -1})
    void tensorNameLengthOutOfRange(long length) {
        byte[] bytes = builder.tensor("t", TensorType.F32, new byte[80], 20).build();
        expect(patchLong(bytes, builder.position("tensor t"), length), "tensor 0", builder.position("tensor t"),
                "allowed are 1 to 64");
    }

    @Test
    void duplicateTensor() {
        byte[] bytes = builder.tensor("t", TensorType.I8, new byte[1], 1)
                .tensor("t", TensorType.I8, new byte[1], 1).build();
        expect(bytes, "tensor t", builder.position("tensor t"), "appears twice");
    }

    @ParameterizedTest
    @ValueSource(ints = {5, -1, Integer.MAX_VALUE})
    void tooManyDimensions(int dimensions) {
        byte[] bytes = builder.rawTensor("t", dimensions, new long[] {1, 1, 1, 1, 1}, 0, 0, new byte[4]).build();
        expect(bytes, "tensor t", builder.position("dimensions t"), "dimensions; at most 4");
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1, Long.MIN_VALUE})
    void dimensionOutOfRange(long dimension) {
        byte[] bytes = builder.rawTensor("t", 2, new long[] {32, dimension}, 0, 0, new byte[128]).build();
        expect(bytes, "tensor t", builder.position("dimensions t") + 12, "a dimension of length");
    }

    @Test
    void dimensionsWhoseProductOverflows() {
        byte[] bytes = builder.rawTensor("t", 3, new long[] {1L << 32, 1L << 31, 2}, 24, 0, new byte[128]).build();
        expect(bytes, "tensor t", builder.position("dimensions t"), "does not fit 64 bits");
    }

    @Test
    void byteSizeThatOverflows() {
        byte[] bytes = builder.rawTensor("t", 2, new long[] {1L << 31, 1L << 31}, 0, 0, new byte[128]).build();
        expect(bytes, "tensor t", builder.position("dimensions t"), "does not fit 64 bits");
    }

    @Test
    void rowsThatAreNotWholeBlocks() {
        byte[] bytes = builder.rawTensor("t", 2, new long[] {16, 2}, TensorType.Q4_0.id(), 0, new byte[18]).build();
        expect(bytes, "tensor t", builder.position("dimensions t"),
                "rows of 16 elements are not whole Q4_0 blocks of 32");
    }

    @ParameterizedTest
    @CsvSource({"4, (Q4_2", "33, (Q4_0_8_8", "63, type 63", "1000, type 1000", "-1, type 4294967295"})
    void unknownTensorType(int id, String problem) {
        byte[] bytes = builder.rawTensor("t", 1, new long[] {32}, id, 0, new byte[128]).build();
        expect(bytes, "tensor t", builder.position("type t"), problem);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 16, 33, -32})
    void offsetOutOfAlignment(long offset) {
        byte[] bytes = builder.rawTensor("t", 1, new long[] {1}, 0, offset, new byte[64]).build();
        expect(bytes, "tensor t", builder.position("offset t"), "not a multiple of the alignment 32");
    }

    @ParameterizedTest
    @ValueSource(longs = {32, 64, 1L << 40, Long.MAX_VALUE - 31})
    void dataBeyondTheFile(long offset) {
        byte[] bytes = builder.rawTensor("t", 1, new long[] {2}, 0, offset, new byte[32 + 7]).build();
        expect(bytes, "tensor t", builder.position("offset t"), "reach beyond the data section of 39 bytes");
    }

    @Test
    void fileThatEndsBeforeTheDataSection() {
        byte[] bytes = builder.tensor("t", TensorType.F32, new byte[4], 1).build();
        byte[] cut = Arrays.copyOf(bytes, (int) builder.position("offset t") + 8);
        expect(cut, "tensor t", builder.position("offset t"), "data section of 0 bytes; is the file complete?");
    }

    @Test
    void tensorsThatOverlap() {
        byte[] bytes = builder.rawTensor("late", 1, new long[] {8}, 0, 32, new byte[64])
                .rawTensor("early", 1, new long[] {9}, 0, 0, new byte[64]).build();
        expect(bytes, "tensor late", builder.position("offset late"), "overlaps tensor early");
    }

    @Test
    void headerCutAnywhere() {
        GgufBuilder sample = GgufSamples.everyType();
        byte[] bytes = sample.build();
        long headerEnd = sample.position("offset scalar") + 8;
        for (int length = 0; length < headerEnd; length++) {
            byte[] cut = Arrays.copyOf(bytes, length);
            assertThat(catchThrowableOfType(
                            ModelFormatException.class, () -> GgufShard.read(FILE, MemorySegment.ofArray(cut))))
                    .as("cut to %d bytes", length).isNotNull();
        }
    }

    @Test
    void namesWithControlCharactersAreMadePrintable() {
        byte[] bytes = builder.pair("\u001B[2Jk\n", 99, new byte[8]).build();
        ModelFormatException fault = catchThrowableOfType(
                ModelFormatException.class, () -> GgufShard.read(FILE, MemorySegment.ofArray(bytes)));
        assertThat(fault.getMessage().chars().noneMatch(Character::isISOControl)).isTrue();
    }
}
