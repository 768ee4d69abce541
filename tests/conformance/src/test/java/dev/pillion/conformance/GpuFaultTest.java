package dev.pillion.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.pillion.Engine;
import dev.pillion.EngineHealth;
import dev.pillion.EngineOptions;
import dev.pillion.Generation;
import dev.pillion.GenerationRequest;
import dev.pillion.PillionException;
import dev.pillion.kernels.driver.GpuContext;
import dev.pillion.kernels.virtual.DeviceModel;
import dev.pillion.kernels.virtual.FaultPlan;
import dev.pillion.kernels.virtual.VirtualGpuDriver;
import dev.pillion.metrics.Counter;
import dev.pillion.metrics.EngineMetrics;
import dev.pillion.metrics.Gauge;
import dev.pillion.model.TensorType;
import dev.pillion.sampling.StopConditions;
import dev.pillion.spi.BackendOptions;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Faults of a device: each ends in the documented error, memory comes back, other engines do not notice. */
class GpuFaultTest {
    private static final int[] PROMPT = IntStream.range(10, 22).toArray();
    private static final int TOKENS = 4;
    private static final String MODEL = "data/models/stories260K/gguf/stories260K-F32.gguf";

    private static List<Integer> answer = List.of();

    @BeforeAll
    static void askTheCpu() {
        try (Engine engine = Engine.open(TestData.path(MODEL), options().backend("cpu").build())) {
            answer = engine.generate(request()).tokens();
        }
    }

    private static EngineOptions.Builder options() {
        return EngineOptions.builder().contextTokens(64).maxSequences(4).chunkTokens(8).kvBytes(1 << 20);
    }

    private static Engine open(VirtualGpuDriver driver) {
        return open(driver, BackendOptions.DEFAULT_STEP_LIMIT);
    }

    /** An engine whose parts are too large to share an allocation. */
    private static Engine openLarge(VirtualGpuDriver driver) {
        BackendOptions device = BackendOptions.defaults().withCompute(TensorType.F32);
        EngineOptions.Builder large = options().kvBytes(4 << 20).chunkTokens(4096);
        return GpuEngines.open(TestData.path(MODEL), large.device(device), driver);
    }

    private static Engine open(VirtualGpuDriver driver, Duration stepLimit) {
        BackendOptions device = BackendOptions.defaults().withCompute(TensorType.F32).withStepLimit(stepLimit);
        return GpuEngines.open(TestData.path(MODEL), options().device(device), driver);
    }

    private static VirtualGpuDriver driver(FaultPlan faults) {
        return VirtualGpuDriver.builder().device(DeviceModel.A100).faults(faults).build();
    }

    private static GenerationRequest request() {
        return request(TOKENS);
    }

    private static GenerationRequest request(int tokens) {
        return GenerationRequest.builder(PROMPT)
                .stop(StopConditions.builder().maxTokens(tokens).ignoreEos(true).build())
                .build();
    }

    private static void nothingIsTaken(VirtualGpuDriver driver) {
        try (GpuContext context = driver.createContext(0)) {
            assertThat(context.memory().free()).isEqualTo(context.memory().total());
        }
    }

    /** Of an engine that has failed, once it is closed: callers hear of the failure a moment before it is counted. */
    private static void nothingIsHeld(Engine engine) {
        engine.close();
        EngineMetrics.Snapshot metrics = engine.metrics().snapshot();
        assertThat(metrics.get(Gauge.KV_BLOCKS_USED)).isZero();
        assertThat(metrics.get(Gauge.KV_BLOCKS_FREE)).isEqualTo(metrics.get(Gauge.KV_BLOCKS));
        assertThat(metrics.get(Gauge.SEQUENCES_RUNNING)).isZero();
        assertThat(metrics.get(Gauge.REQUESTS_WAITING)).isZero();
    }

    private static PillionException failure(Generation generation) {
        return catchThrowableOfType(PillionException.class, generation::result);
    }

    @Test
    void withoutFaultsAllIsFreed() {
        VirtualGpuDriver driver = driver(new FaultPlan());
        try (Engine engine = open(driver)) {
            assertThat(engine.generate(request()).tokens()).isEqualTo(answer);
        }
        nothingIsTaken(driver);
    }

    /** Weights, KV cache, activations, plans, sampling: whatever does not fit, the message says what, where and the remedy. */
    @Test
    void eachAllocationThatFailsEndsTheStart() {
        FaultPlan counting = new FaultPlan();
        openLarge(driver(counting)).close();
        Set<String> subjects = new TreeSet<>();
        for (long n = 1; n <= counting.allocations(); n++) {
            VirtualGpuDriver driver = driver(new FaultPlan().failAllocation(n));
            PillionException failure = catchThrowableOfType(PillionException.class, () -> openLarge(driver));
            assertThat(failure.code()).as("allocation %d", n).isEqualTo(PillionException.Code.OUT_OF_MEMORY);
            assertThat(failure).hasMessageContaining("GPU 0").hasMessageContaining("--kv-bytes");
            subjects.add(String.valueOf(failure.getMessage()).replaceFirst("( [^ ]*_[^ ]*)? does not fit .*", ""));
            nothingIsTaken(driver);
        }
        assertThat(subjects).contains("weight", "activations", "the KV cache", "room for steps", "room for sampling");
    }

    @Test
    void anEngineThatDoesNotStartLeavesOthersAlone() {
        FaultPlan faults = new FaultPlan();
        VirtualGpuDriver driver = driver(faults);
        try (Engine sound = open(driver)) {
            faults.failAllocation(faults.allocations() + 2);
            assertThat(catchThrowableOfType(PillionException.class, () -> open(driver)).code())
                    .isEqualTo(PillionException.Code.OUT_OF_MEMORY);
            assertThat(sound.generate(request()).tokens()).isEqualTo(answer);
        }
        nothingIsTaken(driver);
    }

    @Test
    void eachEngineHasTheDeviceItAskedFor() {
        VirtualGpuDriver driver = VirtualGpuDriver.builder().device(DeviceModel.A100).device(DeviceModel.H100).build();
        BackendOptions second = new BackendOptions(0, 1, false).withCompute(TensorType.F32);
        try (Engine one = open(driver);
                Engine two = GpuEngines.open(TestData.path(MODEL), options().device(second), driver)) {
            assertThat(one.backendReport()).contains("GPU 0 ");
            assertThat(two.backendReport()).contains("GPU 1 ");
            try (GpuContext first = driver.createContext(0); GpuContext other = driver.createContext(1)) {
                assertThat(first.memory().free()).isLessThan(first.memory().total());
                assertThat(other.memory().free()).isLessThan(other.memory().total());
            }
            assertThat(two.generate(request()).tokens()).isEqualTo(answer);
            assertThat(one.generate(request()).tokens()).isEqualTo(answer);
        }
        nothingIsTaken(driver);
        BackendOptions third = new BackendOptions(0, 2, false);
        PillionException absent = catchThrowableOfType(
                PillionException.class, () -> GpuEngines.open(TestData.path(MODEL), options().device(third), driver));
        assertThat(absent.code()).isEqualTo(PillionException.Code.NO_BACKEND);
        assertThat(absent).hasMessageContaining("CUDA_ERROR_INVALID_DEVICE (101)").hasMessageContaining("2");
    }

    @Test
    void moduleThatDoesNotLoadEndsTheStart() {
        VirtualGpuDriver driver = driver(new FaultPlan().failModule("rows_f32"));
        try (Engine engine = open(driver)) {
            PillionException failure = failure(engine.submit(request()));
            assertThat(failure).hasMessageContaining("rows_f32");
        } catch (PillionException e) {
            assertThat(e.code()).isEqualTo(PillionException.Code.NO_BACKEND);
            assertThat(e).hasMessageContaining("rows_f32");
        }
        nothingIsTaken(driver);
    }

    /** The recording is spoilt and given up; the device is not. */
    @Test
    void launchRefusedWhileAGraphIsRecordedIsTriedAgain() {
        FaultPlan counting = new FaultPlan();
        GenerationRequest two = request(2);
        try (Engine engine = open(driver(counting))) {
            engine.generate(two);
        }
        int direct = counting.launches().size();
        FaultPlan faults = new FaultPlan().refuseLaunch(direct + 10);
        VirtualGpuDriver driver = driver(faults);
        try (Engine engine = open(driver)) {
            assertThat(engine.generate(request()).tokens()).isEqualTo(answer);
            assertThat(engine.metrics().snapshot().get(Counter.STEPS_FAILED)).isEqualTo(1);
            assertThat(engine.health().state()).isNotEqualTo(EngineHealth.State.FAILED);
        }
        nothingIsTaken(driver);
    }

    @Test
    void refusedLaunchIsTriedAgain() {
        FaultPlan faults = new FaultPlan();
        VirtualGpuDriver driver = driver(faults);
        try (Engine engine = open(driver)) {
            faults.refuseLaunch(20);
            assertThat(engine.generate(request()).tokens()).isEqualTo(answer);
            assertThat(engine.health().state()).isNotEqualTo(EngineHealth.State.FAILED);
        }
        nothingIsTaken(driver);
    }

    @Test
    void failedLaunchEndsThisEngineAndNoOther() {
        FaultPlan faults = new FaultPlan();
        VirtualGpuDriver driver = driver(faults);
        try (Engine broken = open(driver);
                Engine sound = open(driver)) {
            faults.failLaunch(40);
            List<Generation> generations = List.of(broken.submit(request()), broken.submit(request()));
            for (Generation generation : generations) {
                PillionException failure = failure(generation);
                assertThat(failure.code()).isEqualTo(PillionException.Code.ENGINE_FAILED);
                assertThat(failure).hasMessageContaining("CUDA_ERROR_LAUNCH_FAILED");
            }
            assertThat(broken.health().state()).isEqualTo(EngineHealth.State.FAILED);
            assertThat(catchThrowableOfType(PillionException.class, () -> broken.submit(request())).code())
                    .isEqualTo(PillionException.Code.ENGINE_FAILED);
            assertThat(sound.generate(request()).tokens()).isEqualTo(answer);
            nothingIsHeld(broken);
        }
        nothingIsTaken(driver);
    }

    @Test
    void illegalAddressEndsTheEngine() {
        FaultPlan faults = new FaultPlan();
        VirtualGpuDriver driver = driver(faults);
        try (Engine engine = open(driver)) {
            faults.corruptLaunch(15);
            PillionException failure = failure(engine.submit(request()));
            assertThat(failure.code()).isEqualTo(PillionException.Code.ENGINE_FAILED);
            assertThat(failure).hasMessageContaining("CUDA_ERROR_ILLEGAL_ADDRESS");
        }
        nothingIsTaken(driver);
    }

    @Test
    void lostContextEndsTheEngineWhereverItShows() {
        FaultPlan counting = new FaultPlan();
        try (Engine engine = open(driver(counting))) {
            engine.generate(request());
        }
        for (long n = 20; n <= counting.calls(); n += Math.max(1, counting.calls() / 12)) {
            VirtualGpuDriver driver = driver(new FaultPlan().loseContextAtCall(n));
            try (Engine engine = open(driver)) {
                PillionException failure = failure(engine.submit(request()));
                if (failure != null) {
                    assertThat(failure.code()).as("call %d", n).isEqualTo(PillionException.Code.ENGINE_FAILED);
                }
            } catch (PillionException e) {
                assertThat(e.code()).as("call %d", n).isEqualTo(PillionException.Code.NO_BACKEND);
            }
            nothingIsTaken(driver);
        }
    }

    @Test
    void hangEndsTheEngineAndNotTheJvm() {
        FaultPlan faults = new FaultPlan();
        VirtualGpuDriver driver = driver(faults);
        try (Engine hung = open(driver, Duration.ofSeconds(2));
                Engine sound = open(driver)) {
            faults.hangLaunch(30);
            PillionException failure = failure(hung.submit(request()));
            assertThat(failure.code()).isEqualTo(PillionException.Code.ENGINE_FAILED);
            assertThat(failure)
                    .hasMessageContaining("did not end within 2 s on GPU 0")
                    .hasMessageContaining("8 tokens in 1 segments and 1 groups, 0 rows of logits, highest position 7, no graph")
                    .hasMessageContaining("operations: 1 EMBED")
                    .hasMessageContaining("of device memory taken");
            assertThat(hung.health().state()).isEqualTo(EngineHealth.State.FAILED);
            assertThat(hung.health().failure().orElseThrow()).contains("did not end within 2 s");
            assertThat(catchThrowableOfType(PillionException.class, () -> hung.submit(request())).code())
                    .isEqualTo(PillionException.Code.ENGINE_FAILED);
            assertThat(sound.generate(request()).tokens()).isEqualTo(answer);
            nothingIsHeld(hung);
        } finally {
            faults.release();
        }
        nothingIsTaken(driver);
    }
}
