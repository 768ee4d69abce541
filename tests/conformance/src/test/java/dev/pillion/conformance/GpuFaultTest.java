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
import dev.pillion.model.TensorType;
import dev.pillion.sampling.StopConditions;
import dev.pillion.spi.BackendOptions;
import java.time.Duration;
import java.util.List;
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

    private static Engine open(VirtualGpuDriver driver, Duration stepLimit) {
        BackendOptions device = BackendOptions.defaults().withCompute(TensorType.F32).withStepLimit(stepLimit);
        return GpuEngines.open(TestData.path(MODEL), options().device(device), driver);
    }

    private static VirtualGpuDriver driver(FaultPlan faults) {
        return VirtualGpuDriver.builder().device(DeviceModel.A100).faults(faults).build();
    }

    private static GenerationRequest request() {
        return GenerationRequest.builder(PROMPT)
                .stop(StopConditions.builder().maxTokens(TOKENS).ignoreEos(true).build())
                .build();
    }

    private static void nothingIsTaken(VirtualGpuDriver driver) {
        try (GpuContext context = driver.createContext(0)) {
            assertThat(context.memory().free()).isEqualTo(context.memory().total());
        }
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

    @Test
    void eachAllocationThatFailsEndsTheStart() {
        FaultPlan counting = new FaultPlan();
        open(driver(counting)).close();
        for (long n = 1; n <= counting.allocations(); n++) {
            VirtualGpuDriver driver = driver(new FaultPlan().failAllocation(n));
            PillionException failure = catchThrowableOfType(PillionException.class, () -> open(driver));
            assertThat(failure.code()).as("allocation %d", n).isEqualTo(PillionException.Code.OUT_OF_MEMORY);
            assertThat(failure).hasMessageContaining("GPU 0").hasMessageContaining("--kv-bytes");
            nothingIsTaken(driver);
        }
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
            assertThat(failure).hasMessageContaining("did not end within 2 s").hasMessageContaining("operations:");
            assertThat(hung.health().state()).isEqualTo(EngineHealth.State.FAILED);
            assertThat(sound.generate(request()).tokens()).isEqualTo(answer);
        } finally {
            faults.release();
        }
        nothingIsTaken(driver);
    }
}
