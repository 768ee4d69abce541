package dev.pillion.model.architecture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pillion.model.ModelFormatException;
import dev.pillion.model.SharedTestData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HuggingFaceArchitectureTest {
    @TempDir
    Path folder;

    /** transformers 4 and 5 write the same model differently; both must read alike. */
    @ParameterizedTest
    @ValueSource(strings = {
        "llama_untied", "llama_k256", "llama_tied_mqa", "llama_linear_rope", "llama3_rope", "mistral_swa", "qwen2_tied",
        "qwen2_k256", "qwen3"
    })
    void bothFormsOfAConfigGiveTheSameDescription(String model) {
        Path goldens = SharedTestData.path("data/models/goldens/" + model);
        assertThat(HuggingFaceArchitecture.read(goldens.resolve("config.v5.json")))
                .isEqualTo(HuggingFaceArchitecture.read(goldens.resolve("config.json")));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "cohere2", "deepseek_v3", "falcon7b", "gemma2", "gemma3", "glm4", "gpt2", "gpt_neox", "gpt_oss", "granite", "mixtral",
        "olmo2", "phi3_swa", "qwen3_moe", "smollm3", "stablelm", "starcoder2"
    })
    void otherArchitecturesAreRefusedByName(String model) {
        Path config = SharedTestData.path("data/models/goldens/" + model).resolve("config.json");
        assertThatThrownBy(() -> HuggingFaceArchitecture.read(config))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContaining("is not supported; known are llama, mistral, qwen2, qwen3");
    }

    @Test
    void mistralSlidesInEveryLayer() {
        Path config = SharedTestData.path("data/models/goldens/mistral_swa/config.json");
        assertThat(HuggingFaceArchitecture.read(config).windowTokens()).isEqualTo(List.of(32, 32, 32));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"model_type\":\"llama\"}|hidden_size",
                "{\"model_type\":\"llama\",\"hidden_size\":-4}|hidden_size",
                "{\"model_type\":\"llama\",\"hidden_size\":64,\"num_attention_heads\":5000000000}|num_attention_heads",
                "{\"model_type\":\"llama\",\"hidden_size\":64,\"num_attention_heads\":4,\"num_key_value_heads\":3,"
                        + "\"num_hidden_layers\":1}|num_key_value_heads",
                "{\"model_type\":\"llama\",\"hidden_act\":\"gelu\"}|hidden_act",
                "{\"hidden_size\":64}|model_type",
                "[]|document",
            })
    void badValuesNameTheField(String json, String field) throws IOException {
        Path config = Files.writeString(folder.resolve("config.json"), json);
        assertThatThrownBy(() -> HuggingFaceArchitecture.read(config))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContaining("config.json: " + field);
    }
}
