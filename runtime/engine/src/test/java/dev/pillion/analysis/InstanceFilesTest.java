package dev.pillion.analysis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pillion.PillionException;
import dev.pillion.simulator.device.ModelShapes;
import dev.pillion.simulator.device.TransformerSizes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InstanceFilesTest {
    @TempDir
    Path folder;

    private String file(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text).toString();
    }

    @Test
    void aConfigGivesTheSizesOfTheModelItDescribes() throws IOException {
        String config = file("config.json", """
                {"model_type": "llama", "hidden_size": 2048, "num_attention_heads": 32, "num_key_value_heads": 8, "head_dim": 64,
                 "num_hidden_layers": 16, "intermediate_size": 8192, "vocab_size": 128256, "tie_word_embeddings": true}
                """);
        TransformerSizes read = InstanceFiles.model(config);
        TransformerSizes known = ModelShapes.named("llama-3.2-1b");
        assertThat(read.parameters()).isEqualTo(known.parameters());
        assertThat(read.rank(2)).usingRecursiveComparison().ignoringFields("name").isEqualTo(known.rank(2));
        assertThat(InstanceFiles.model("llama-3.2-1b")).isEqualTo(known);
    }

    @Test
    void windowsAreKept() throws IOException {
        String config = file("config.json", """
                {"model_type": "mistral", "hidden_size": 4096, "num_attention_heads": 32, "num_key_value_heads": 8,
                 "num_hidden_layers": 32, "intermediate_size": 14336, "vocab_size": 32000, "sliding_window": 4096}
                """);
        assertThat(InstanceFiles.model(config)).usingRecursiveComparison().ignoringFields("name")
                .isEqualTo(ModelShapes.named("mistral-7b"));
    }

    @Test
    void devicesComeFromJsonAndProperties() throws IOException {
        assertThat(InstanceFiles.device("H100").name()).isEqualTo("h100");
        String json = file("half.json", "{\"name\": \"half\", \"like\": \"h100\", \"bandwidth_gbs\": 1675}");
        assertThat(InstanceFiles.device(json).bytesPerSecond()).isEqualTo(1675e9);
        String properties = file("half.properties", "name=half\nlike=h100\nbandwidth_gbs=1675\n");
        assertThat(InstanceFiles.device(properties).bytesPerSecond()).isEqualTo(1675e9);
    }

    @Test
    void whatIsNoModelAndNoDeviceIsRefused() throws IOException {
        assertThatThrownBy(() -> InstanceFiles.model("llama-9"))
                .isInstanceOf(PillionException.class)
                .hasMessageContaining("llama-9")
                .hasMessageContaining("llama-3.1-8b");
        String other = file("config.json", "{\"model_type\": \"mamba\"}");
        assertThatThrownBy(() -> InstanceFiles.model(other)).isInstanceOf(PillionException.class).hasMessageContaining("mamba");
        assertThatThrownBy(() -> InstanceFiles.device("v100")).hasMessageContaining("v100").hasMessageContaining("a100");
        String odd = file("odd.json", "{\"like\": \"h100\", \"colour\": \"green\"}");
        assertThatThrownBy(() -> InstanceFiles.device(odd))
                .isInstanceOf(PillionException.class)
                .hasMessageContaining("unknown colour");
        String none = file("none.json", "{\"like\": \"h100\", \"tflops\": null}");
        assertThatThrownBy(() -> InstanceFiles.device(none)).hasMessageContaining("tflops");
    }
}
