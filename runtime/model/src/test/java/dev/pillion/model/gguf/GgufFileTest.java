package dev.pillion.model.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pillion.model.Metadata;
import dev.pillion.model.ModelFormatException;
import dev.pillion.model.Tensor;
import dev.pillion.model.TensorType;
import java.io.UncheckedIOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GgufFileTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void readsEveryMetadataType(int version) {
        Path path = GgufSamples.everyType().version(version).write(folder.resolve("m.gguf"));
        try (GgufFile file = GgufFile.open(path)) {
            assertThat(file.version()).isEqualTo(version);
            assertThat(file.format()).isEqualTo("GGUF v" + version);
            assertThat(file.path()).isEqualTo(path);
            checkScalars(file.metadata());
            checkArrays(file.metadata());
        }
    }

    private static void checkScalars(Metadata metadata) {
        assertThat(metadata.string("general.architecture")).contains("llama");
        assertThat(metadata.integer("u8")).hasValue(200);
        assertThat(metadata.integer("i8")).hasValue(-100);
        assertThat(metadata.integer("u16")).hasValue(60_000);
        assertThat(metadata.integer("i16")).hasValue(-30_000);
        assertThat(metadata.integer("u32")).hasValue(4_000_000_000L);
        assertThat(metadata.integer("i32")).hasValue(-2_000_000_000);
        assertThat(metadata.integer("u64")).hasValue(-1);
        assertThat(metadata.integer("i64")).hasValue(Long.MIN_VALUE);
        assertThat(metadata.values().get("f32")).isEqualTo(1.5f);
        assertThat(metadata.number("f64")).hasValue(Math.PI);
        assertThat(metadata.bool("yes")).contains(true);
        assertThat(metadata.bool("no")).contains(false);
        assertThat(metadata.string("empty")).contains("");
        assertThat(metadata.string("text")).contains("h\u00e9llo \uD83C\uDF0D");
        assertThat(metadata.string("absent")).isEmpty();
    }

    private static void checkArrays(Metadata metadata) {
        assertThat(metadata.integers("u8s").orElseThrow()).containsExactly(0, 255);
        assertThat(metadata.integers("i8s").orElseThrow()).containsExactly(-1, 127);
        assertThat(metadata.integers("u16s").orElseThrow()).containsExactly(65535, 1);
        assertThat(metadata.integers("i16s").orElseThrow()).containsExactly(-1, 2);
        assertThat(metadata.integers("u32s").orElseThrow()).containsExactly(4294967295L);
        assertThat(metadata.integers("i32s").orElseThrow()).containsExactly(-1, 7);
        assertThat(metadata.integers("u64s").orElseThrow()).containsExactly(5);
        assertThat(metadata.integers("i64s").orElseThrow()).containsExactly(-5);
        assertThat(metadata.floats("f32s").orElseThrow()).containsExactly(0.5f, -2f);
        assertThat((double[]) metadata.values().get("f64s")).containsExactly(0.1);
        assertThat((boolean[]) metadata.values().get("bools")).containsExactly(true, false, true);
        assertThat(metadata.strings("strings")).contains(List.of("a", "", "\u00fc"));
        assertThat(metadata.strings("noStrings")).isEqualTo(Optional.of(List.of()));
        List<?> lists = (List<?>) metadata.values().get("lists");
        assertThat((long[]) lists.get(0)).containsExactly(1, 2);
        assertThat(lists.get(1)).isEqualTo(List.of("x"));
    }

    @Test
    void turnsShapesRoundAndSlicesTheData() {
        Path path = GgufSamples.everyType().write(folder.resolve("m.gguf"));
        try (GgufFile file = GgufFile.open(path)) {
            assertThat(file.tensors().keySet())
                    .containsExactly("token_embd.weight", "blk.0.attn_q.weight", "blk.0.cube", "scalar");
            Tensor embedding = file.tensors().get("token_embd.weight");
            assertThat(embedding.shape()).containsExactly(2L, 3L);
            assertThat(embedding.columns()).isEqualTo(3);
            assertThat(embedding.data().toArray(ValueLayout.JAVA_BYTE)).isEqualTo(GgufSamples.counting(24));
            Tensor blocks = file.tensors().get("blk.0.attn_q.weight");
            assertThat(blocks.type()).isEqualTo(TensorType.Q4_0);
            assertThat(blocks.data().toArray(ValueLayout.JAVA_BYTE)).isEqualTo(GgufSamples.counting(72));
            assertThat(file.tensors().get("blk.0.cube").shape()).containsExactly(2L, 3L, 4L);
            assertThat(file.tensors().get("scalar").shape()).isEmpty();
            assertThat(file.tensors().get("scalar").elements()).isEqualTo(1);
            assertThat(embedding.data().isReadOnly()).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {8, 64, 4096})
    void followsTheAlignment(int alignment) {
        Path path = new GgufBuilder().alignment(alignment)
                .tensor("a", TensorType.I8, new byte[] {1}, 1)
                .tensor("b", TensorType.I8, new byte[] {2}, 1)
                .write(folder.resolve("m.gguf"));
        try (GgufFile file = GgufFile.open(path)) {
            assertThat(file.tensors().get("a").data().get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) 1);
            assertThat(file.tensors().get("b").data().get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) 2);
            assertThat(file.tensors().get("b").data().address() % alignment).isZero();
        }
    }

    @Test
    void replacesMalformedUtf8() {
        byte[] malformed = {(byte) 0xC3, 'x'};
        Path path = new GgufBuilder()
                .pair("text", GgufValues.STRING, new GgufBuilder.LittleEndian().int64(2).raw(malformed).bytes())
                .write(folder.resolve("m.gguf"));
        try (GgufFile file = GgufFile.open(path)) {
            assertThat(file.metadata().string("text")).contains("\uFFFDx");
        }
    }

    @Test
    void closesOnceAndForAll() {
        Path path = GgufSamples.everyType().write(folder.resolve("m.gguf"));
        GgufFile file = GgufFile.open(path);
        Tensor tensor = file.tensors().get("scalar");
        file.close();
        file.close();
        assertThatThrownBy(() -> tensor.data().get(ValueLayout.JAVA_BYTE, 0)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void tellsAMissingFileFromABadOne() {
        Path missing = folder.resolve("missing.gguf");
        assertThatThrownBy(() -> GgufFile.open(missing))
                .isInstanceOf(UncheckedIOException.class).hasMessageContaining("missing.gguf");
        assertThatThrownBy(() -> GgufFile.open(folder))
                .isInstanceOf(ModelFormatException.class).hasMessageContaining("folder");
    }
}
