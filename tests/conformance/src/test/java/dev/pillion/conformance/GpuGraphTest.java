package dev.pillion.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pillion.Engine;
import dev.pillion.EngineOptions;
import dev.pillion.GenerationRequest;
import dev.pillion.kernels.virtual.VirtualGpuDriver;
import dev.pillion.metrics.Counter;
import dev.pillion.model.TensorType;
import dev.pillion.sampling.StopConditions;
import dev.pillion.spi.BackendOptions;
import java.nio.file.Path;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * While a step is recorded as a graph, nothing happens that a driver refuses then: no module or kernel is loaded, no memory
 * allocated, no product planned. The virtual GPU refuses it too, which would show as a failed step.
 */
class GpuGraphTest {
    private static final Path MODEL = TestData.path("data/models/stories260K/gguf/stories260K-F32.gguf");

    /** So many decodes at once that products go to the matrix library. */
    private static final int MANY = 128;

    private static GenerationRequest request(int first, int tokens) {
        return GenerationRequest.builder(new int[] {10 + first})
                .stop(StopConditions.builder().maxTokens(tokens).ignoreEos(true).build())
                .build();
    }

    @Test
    void sizesThatComeLateAreRecordedToo() {
        BackendOptions device = BackendOptions.defaults().withCompute(TensorType.F16);
        EngineOptions.Builder options = EngineOptions.builder()
                .contextTokens(16)
                .maxSequences(MANY)
                .chunkTokens(2 * MANY)
                .prefixCache(false)
                .device(device);
        VirtualGpuDriver driver = VirtualGpuDriver.builder().build();
        try (Engine engine = GpuEngines.open(MODEL, options, driver)) {
            assertThat(engine.backendReport()).contains("products of 128 rows and more by virtual matrix library");
            engine.generate(request(0, 2));
            // The first step runs as it is, the second is recorded.
            engine.generateAll(IntStream.range(0, MANY).mapToObj(i -> request(i, 2)).toList());
            assertThat(engine.metrics().snapshot().get(Counter.STEPS_FAILED)).isZero();
        }
    }
}
