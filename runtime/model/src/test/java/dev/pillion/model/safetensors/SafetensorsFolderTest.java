package dev.pillion.model.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.pillion.model.ModelFormatException;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SafetensorsFolderTest {
    @TempDir
    Path parent;

    private Path folder;
    private Path index;

    @BeforeEach
    void writeFolder() throws IOException {
        folder = Files.createDirectory(parent.resolve("model"));
        index = folder.resolve("model.safetensors.index.json");
        shard("one.safetensors", "a", 1);
        shard("two.safetensors", "b", 2);
        weightMap("\"a\":\"one.safetensors\",\"b\":\"two.safetensors\"");
    }

    private Path shard(String file, String tensor, int value) {
        return new SafetensorsBuilder().metadata("{\"format\":\"pt\",\"file\":\"" + file + "\"}")
                .tensor(tensor, "I8", new byte[] {(byte) value}, 1).write(folder.resolve(file));
    }

    private void weightMap(String pairs) throws IOException {
        Files.writeString(index, "{\"metadata\":{\"total_size\":2},\"weight_map\":{" + pairs + "}}");
    }

    private void expect(Path file, String subject, String problem) {
        ModelFormatException fault =
                catchThrowableOfType(ModelFormatException.class, () -> SafetensorsFile.open(folder).close());
        assertThat(fault).isNotNull();
        assertThat(fault.file()).isEqualTo(file);
        assertThat(fault.subject()).isEqualTo(subject);
        assertThat(fault).hasMessageContaining(problem);
    }

    @Test
    void opensEveryFileOfTheIndex() {
        try (SafetensorsFile file = SafetensorsFile.open(folder)) {
            assertThat(file.tensors().keySet()).containsExactly("a", "b");
            assertThat(file.tensors().get("b").data().get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) 2);
            assertThat(file.metadata().string("format")).contains("pt");
            assertThat(file.metadata().string("file")).contains("one.safetensors");
        }
    }

    @Test
    void takesATensorAlongThatTheIndexDoesNotMention() {
        new SafetensorsBuilder().tensor("b", "I8", new byte[1], 1).tensor("extra", "I8", new byte[1], 1)
                .write(folder.resolve("two.safetensors"));
        try (SafetensorsFile file = SafetensorsFile.open(folder)) {
            assertThat(file.tensors().keySet()).containsExactly("a", "b", "extra");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"../two.safetensors", "/tmp/two.safetensors", "sub/two.safetensors", "..", ".", "",
        "c:two.safetensors", "..\\\\two.safetensors", "two\\u0000.safetensors", "model.safetensors.index.json"})
    void refusesAFileThatIsNotPlainlyInTheFolder(String name) throws IOException {
        weightMap("\"a\":\"one.safetensors\",\"b\":\"" + name + "\"");
        expect(index, "tensor b", "not the plain name of a .safetensors file");
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "null", "[\"two.safetensors\"]"})
    void refusesAFileNameThatIsNoString(String name) throws IOException {
        weightMap("\"b\":" + name);
        expect(index, "tensor b", "gives no file name");
    }

    @ParameterizedTest
    @ValueSource(strings = {"three.safetensors", "\\ud800.safetensors", "\\u00fc.safetensors"})
    void refusesAMissingFile(String name) throws IOException {
        weightMap("\"a\":\"" + name + "\"");
        expect(index, "weight_map", "is not in the folder");
    }

    @Test
    void refusesATensorMissingFromItsFile() throws IOException {
        weightMap("\"a\":\"one.safetensors\",\"b\":\"two.safetensors\",\"c\":\"two.safetensors\"");
        expect(index, "tensor c", "is not in two.safetensors, where weight_map puts it");
    }

    @Test
    void refusesATensorInAnotherFile() {
        shard("two.safetensors", "a", 2);
        expect(folder.resolve("two.safetensors"), "tensor a", "weight_map puts it in one.safetensors");
    }

    @Test
    void refusesATensorInTwoFiles() {
        for (String name : new String[] {"one", "two"}) {
            new SafetensorsBuilder().tensor(name.equals("one") ? "a" : "b", "I8", new byte[1], 1)
                    .tensor("extra", "I8", new byte[1], 1).write(folder.resolve(name + ".safetensors"));
        }
        expect(folder.resolve("two.safetensors"), "tensor extra", "is also in an earlier file");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"weight_map\":[]}", "{\"weight_map\":null}"})
    void refusesAnIndexWithoutAMap(String json) throws IOException {
        Files.writeString(index, json);
        expect(index, "weight_map", "is missing or not an object");
    }

    @Test
    void refusesAnEmptyMap() throws IOException {
        weightMap("");
        expect(index, "weight_map", "names no tensor");
    }

    @Test
    void refusesAnIndexThatIsNoJson() throws IOException {
        Files.writeString(index, "{\"weight_map\":");
        expect(index, "JSON", "end-of-input");
    }
}
