package dev.pillion.conformance;

import dev.pillion.model.Model;
import dev.pillion.model.TensorType;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The whole CUDA backend against the CPU backend: what an engine says must be the same, near ties aside. */
class GpuGreedyTest {
    private static final int TOKENS = 20;

    @ParameterizedTest
    @CsvSource({
        "demo-model/demo-f32.gguf, F32, 0.001",
        "demo-model/variants/demo-F16.gguf, F32, 0.001",
        "demo-model/demo.gguf, F32, 0.001",
        "demo-model/variants/demo-Q4_0.gguf, F32, 0.001",
        "demo-model/variants/demo-Q4_K_M.gguf, F32, 0.001",
        "demo-model/variants/demo-Q6_K.gguf, F32, 0.001",
        "demo-model/variants/demo-F16.gguf, F16, 0.05",
        "demo-model/demo.gguf, F16, 0.05",
        "demo-model/variants/demo-Q4_0.gguf, F16, 0.05",
        "demo-model/variants/demo-Q4_K_M.gguf, F16, 0.05",
        "demo-model/demo.gguf, BF16, 0.5",
        "demo-model/variants/demo-Q4_K_M.gguf, BF16, 0.5",
        "data/models/stories260K/gguf/stories260K-F32.gguf, F32, 0.001",
        "data/models/stories260K/gguf/stories260K-F32.gguf, F16, 0.05",
    })
    void saysWhatTheCpuSays(String model, TensorType compute, double nearTie) {
        Path file = TestData.path(model);
        new GpuAnswers(() -> Model.open(file), compute, nearTie, TOKENS).check();
    }
}
