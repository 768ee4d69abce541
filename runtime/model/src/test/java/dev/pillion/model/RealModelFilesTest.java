package dev.pillion.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pillion.model.gguf.GgufFile;
import dev.pillion.model.json.Json;
import dev.pillion.model.safetensors.SafetensorsFile;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Every real file of the shared test data opens, and what two containers of one model say is the same. */
class RealModelFilesTest {
    @Test
    void ggufModelsOpen() {
        List<Path> paths = SharedTestData.files("data/models", ".gguf");
        assertThat(paths).hasSizeGreaterThan(30);
        for (Path path : paths) {
            try (GgufFile file = GgufFile.open(path)) {
                assertThat(file.tensors()).as("%s", path).containsKey("token_embd.weight");
                assertThat(file.metadata().string("general.architecture")).as("%s", path).isPresent();
                checkTensors(file);
            }
        }
    }

    @Test
    void ggufVocabulariesOpen() {
        List<Path> paths = SharedTestData.files("data/tokenizers", ".gguf");
        assertThat(paths).hasSizeGreaterThan(10);
        for (Path path : paths) {
            try (GgufFile file = GgufFile.open(path)) {
                assertThat(file.metadata().strings("tokenizer.ggml.tokens").orElseThrow()).as("%s", path)
                        .hasSizeGreaterThan(1000);
            }
        }
    }

    @Test
    void demoModelsOpen() {
        for (Path path : SharedTestData.files("demo-model", ".gguf")) {
            try (GgufFile file = GgufFile.open(path)) {
                checkTensors(file);
            }
        }
    }

    @Test
    void safetensorsModelsOpen() {
        List<Path> paths = SharedTestData.files("data/models/goldens", ".safetensors");
        assertThat(paths).hasSizeGreaterThan(25);
        for (Path path : paths) {
            try (SafetensorsFile file = SafetensorsFile.open(path)) {
                assertThat(file.metadata().string("format")).as("%s", path).contains("pt");
                checkTensors(file);
            }
        }
    }

    @Test
    void shardedSafetensorsHoldWhatTheSingleFileHolds() {
        Path model = SharedTestData.path("data/models/goldens/llama_untied");
        try (SafetensorsFile single = SafetensorsFile.open(model);
                SafetensorsFile sharded = SafetensorsFile.open(model.resolve("sharded"))) {
            assertThat(sharded.tensors().keySet()).containsExactlyInAnyOrderElementsOf(single.tensors().keySet());
            single.tensors().forEach((name, tensor) -> assertSame(tensor, sharded.tensors().get(name)));
        }
    }

    @Test
    void ggufAndSafetensorsAgree() {
        Path model = SharedTestData.path("data/models/goldens/llama_untied");
        try (SafetensorsFile safetensors = SafetensorsFile.open(model);
                GgufFile gguf = GgufFile.open(model.resolve("model.f32.gguf"))) {
            Map<String, String> names = Map.of(
                    "model.embed_tokens.weight", "token_embd.weight",
                    "lm_head.weight", "output.weight",
                    "model.layers.0.mlp.down_proj.weight", "blk.0.ffn_down.weight",
                    "model.layers.1.self_attn.v_proj.weight", "blk.1.attn_v.weight");
            names.forEach((name, ggufName) ->
                    assertSame(safetensors.tensors().get(name), gguf.tensors().get(ggufName)));
            Map<String, Object> config = Json.parseObject(model.resolve("config.json"));
            assertThat(gguf.metadata().integer("llama.embedding_length")).hasValue((Long) config.get("hidden_size"));
        }
    }

    private static void assertSame(Tensor expected, Tensor actual) {
        assertThat(actual.type()).as(expected.name()).isEqualTo(expected.type());
        assertThat(actual.shape()).as(expected.name()).isEqualTo(expected.shape());
        assertThat(MemorySegment.mismatch(expected.data(), 0, expected.data().byteSize(), actual.data(), 0,
                actual.data().byteSize())).as(expected.name()).isEqualTo(-1);
    }

    private static void checkTensors(ModelFile file) {
        assertThat(file.tensors()).as("%s", file.path()).isNotEmpty();
        file.tensors().forEach((name, tensor) -> {
            assertThat(tensor.name()).isEqualTo(name);
            assertThat(tensor.data().byteSize()).as(name)
                    .isEqualTo(tensor.type().bytesFor(tensor.elements())).isPositive();
            assertThat(tensor.rows() * tensor.columns()).as(name).isEqualTo(tensor.elements());
        });
    }
}
