package dev.pillion.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pillion.Engine;
import dev.pillion.EngineOptions;
import dev.pillion.kernels.driver.GpuContext;
import dev.pillion.kernels.virtual.VirtualGpuDriver;
import dev.pillion.metrics.Distribution;
import dev.pillion.metrics.EngineMetrics;
import dev.pillion.metrics.Gauge;
import dev.pillion.model.Model;
import dev.pillion.model.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.junit.jupiter.api.Test;

/** An engine tells how its weights come to the device while it opens, and says afterwards what that took. */
class LoadProgressTest {
    private static final Path MODEL = TestData.source("runtime/cli/src/main/resources/dev/pillion/cli/demo.gguf");

    private record Report(long bytes, long total) {}

    private final List<Report> reports = new ArrayList<>();

    private EngineOptions.Builder options() {
        return EngineOptions.builder()
                .contextTokens(64)
                .maxSequences(2)
                .chunkTokens(8)
                .kvBytes(1 << 22)
                .loadListener((bytes, total) -> reports.add(new Report(bytes, total)));
    }

    private static long weightBytes() {
        try (Model model = Model.open(MODEL)) {
            return model.tensors().values().stream().map(Tensor::data).mapToLong(data -> data.byteSize()).sum();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"cpu", "virtual-gpu"})
    void countsUpToAllWeights(String backend) {
        long total = weightBytes();
        try (Engine engine = Engine.open(MODEL, options().backend(backend).build())) {
            assertThat(reports).hasSizeGreaterThan(2).allMatch(report -> report.total() == total);
            assertThat(reports).extracting(Report::bytes).isSorted().doesNotHaveDuplicates();
            assertThat(reports.getLast().bytes()).isEqualTo(total);
            checkMetrics(engine, backend, total);
        }
    }

    private static void checkMetrics(Engine engine, String backend, long total) {
        EngineMetrics.Snapshot metrics = engine.metrics().snapshot();
        boolean copied = !backend.equals("cpu");
        assertThat(metrics.get(Gauge.WEIGHTS)).isEqualTo(total);
        assertThat(metrics.get(Gauge.WEIGHTS_COPIED)).isEqualTo(copied ? total : 0);
        assertThat(metrics.get(Gauge.WEIGHTS_LOAD_TIME)).isPositive();
        assertThat(engine.backendReport())
                .containsPattern(copied ? "; weights copied in [0-9.]+ s \\([0-9.]+ MiB, [0-9.]+ GB/s\\)"
                        : "; weights mapped in [0-9.]+ ms, none read yet");
    }

    /** What a device works on while the engine's thread goes on is waited for, and not what the thread did itself. */
    @Test
    void aDeviceThatWorksByItselfIsWaitedFor() {
        try (Engine engine = Engine.open(MODEL, options().backend("virtual-gpu").build())) {
            engine.generate(MetricsWorkload.request(10, 4, 1));
            EngineMetrics.Snapshot metrics = engine.metrics().snapshot();
            assertThat(metrics.get(Distribution.STEP_ENQUEUE_TIME).sum()).isPositive();
            assertThat(metrics.get(Distribution.STEP_WAIT_TIME).sum())
                    .isPositive()
                    .isGreaterThan(metrics.get(Distribution.STEP_ENQUEUE_TIME).sum() / 100);
            assertThat(metrics.hostNanosPerStep()).isPositive();
        }
    }

    @Test
    void aListenerThatThrowsEndsTheOpeningAndLeavesNothing() {
        VirtualGpuDriver driver = VirtualGpuDriver.builder().build();
        EngineOptions.Builder options = options().loadListener((bytes, total) -> {
            if (bytes > total / 2) {
                throw new IllegalStateException("seen enough");
            }
        });
        assertThatThrownBy(() -> GpuEngines.open(MODEL, options, driver)).hasMessage("seen enough");
        try (GpuContext context = driver.createContext(0)) {
            assertThat(context.memory().free()).isEqualTo(context.memory().total());
        }
    }
}
