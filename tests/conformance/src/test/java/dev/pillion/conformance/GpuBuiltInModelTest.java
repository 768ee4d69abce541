package dev.pillion.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.pillion.model.Model;
import dev.pillion.model.TensorType;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The CUDA backend against the CPU backend with nothing but the built-in model, encoded anew in other types: what can be
 * tested on a machine that has no test data. On the virtual GPU, where {@link GpuGreedyTest} goes further, one case is enough.
 */
class GpuBuiltInModelTest {
    private static final int TOKENS = 32;
    private static final int FEW_TOKENS = 6;

    @TempDir
    Path folder;

    @Test
    void shortAnswersAreTheCpus() throws IOException {
        Path file = builtIn();
        new GpuAnswers(() -> Model.open(file), TensorType.F16, 0.05, FEW_TOKENS).check();
    }

    @ParameterizedTest
    @CsvSource({
        "F32, F32, 0.001",
        "F16, F32, 0.001",
        "Q8_0, F32, 0.001",
        "Q4_0, F32, 0.001",
        "Q4_K, F32, 0.001",
        "F16, F16, 0.05",
        "BF16, F16, 0.05",
        "Q8_0, F16, 0.05",
        "Q4_0, F16, 0.05",
        "Q4_K, F16, 0.05",
        "BF16, BF16, 0.5",
        "Q8_0, BF16, 0.5",
        "Q4_K, BF16, 0.5",
    })
    void onADeviceAnswersAreTheCpus(TensorType type, TensorType compute, double nearTie) throws IOException {
        assumeTrue(GpuEngines.backend().equals("cuda"), "the virtual GPU is compared by GpuGreedyTest");
        Path file = builtIn();
        new GpuAnswers(() -> RecodedModel.of(Model.open(file), type), compute, nearTie, TOKENS).check();
    }

    @Test
    void encodedAnewTheMatricesHaveTheOtherTypeAndTheModelIsTheSame() throws IOException {
        Path file = builtIn();
        try (Model model = Model.open(file); Model recoded = RecodedModel.of(Model.open(file), TensorType.Q4_0)) {
            assertThat(recoded.description()).isEqualTo(model.description());
            assertThat(recoded.tensors().keySet()).isEqualTo(model.tensors().keySet());
            assertThat(recoded.tensors().get("blk.0.attn_q.weight").type()).isEqualTo(TensorType.Q4_0);
            assertThat(recoded.tensors().get("output_norm.weight").type()).isEqualTo(TensorType.F32);
        }
    }

    private Path builtIn() throws IOException {
        Path file = folder.resolve("demo.gguf");
        try (InputStream resource = getClass().getResourceAsStream("/dev/pillion/cli/demo.gguf")) {
            Files.copy(resource, file);
        }
        return file;
    }
}
