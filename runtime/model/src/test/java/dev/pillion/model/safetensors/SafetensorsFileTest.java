package dev.pillion.model.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pillion.model.ModelFormatException;
import dev.pillion.model.Tensor;
import dev.pillion.model.TensorType;
import java.io.UncheckedIOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SafetensorsFileTest {
    @TempDir
    Path folder;

    @Test
    void readsTensorsAndMetadata() {
        Path path = new SafetensorsBuilder()
                .metadata("{\"format\":\"pt\",\"note\":\"h\u00e9llo\"}")
                .tensor("w", "F32", new byte[] {1, 2, 3, 4, 5, 6, 7, 8}, 2, 1)
                .tensor("scalar", "I8", new byte[] {9})
                .tensor("none", "F16", new byte[0], 3, 0)
                .write(folder.resolve("m.safetensors"));
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            assertThat(file.format()).isEqualTo("safetensors");
            assertThat(file.path()).isEqualTo(path);
            assertThat(file.metadata().string("format")).contains("pt");
            assertThat(file.metadata().string("note")).contains("h\u00e9llo");
            assertThat(file.tensors().keySet()).containsExactly("w", "scalar", "none");
            Tensor weight = file.tensors().get("w");
            assertThat(weight.type()).isEqualTo(TensorType.F32);
            assertThat(weight.shape()).containsExactly(2L, 1L);
            assertThat(weight.data().toArray(ValueLayout.JAVA_BYTE)).containsExactly(1, 2, 3, 4, 5, 6, 7, 8);
            assertThat(weight.data().isReadOnly()).isTrue();
            assertThat(file.tensors().get("scalar").shape()).isEmpty();
            assertThat(file.tensors().get("scalar").data().get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) 9);
            assertThat(file.tensors().get("none").data().byteSize()).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"F64", "F32", "F16", "BF16", "I64", "I32", "I16", "I8"})
    void readsEveryPlainType(TensorType type) {
        byte[] bytes = new byte[(int) type.bytesFor(6)];
        Path path = new SafetensorsBuilder().tensor("t", type.name(), bytes, 2, 3)
                .write(folder.resolve("m.safetensors"));
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            assertThat(file.tensors().get("t").type()).isEqualTo(type);
        }
    }

    @Test
    void takesTheSingleFileOfAFolder() {
        new SafetensorsBuilder().tensor("t", "I8", new byte[1], 1).write(folder.resolve("model.safetensors"));
        try (SafetensorsFile file = SafetensorsFile.open(folder)) {
            assertThat(file.path()).isEqualTo(folder);
            assertThat(file.tensors()).containsKey("t");
        }
    }

    @Test
    void closesOnceAndForAll() {
        Path path = new SafetensorsBuilder().tensor("t", "I8", new byte[1], 1).write(folder.resolve("m.safetensors"));
        SafetensorsFile file = SafetensorsFile.open(path);
        Tensor tensor = file.tensors().get("t");
        file.close();
        file.close();
        assertThatThrownBy(() -> tensor.data().get(ValueLayout.JAVA_BYTE, 0)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void tellsAMissingFileFromAnEmptyFolder() {
        assertThatThrownBy(() -> SafetensorsFile.open(folder.resolve("missing.safetensors")))
                .isInstanceOf(UncheckedIOException.class).hasMessageContaining("missing.safetensors");
        assertThatThrownBy(() -> SafetensorsFile.open(folder))
                .isInstanceOf(ModelFormatException.class).hasMessageContaining("holds neither model.safetensors nor");
    }
}
