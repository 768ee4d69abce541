package dev.pillion.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pillion.EngineOptions;
import dev.pillion.analysis.BackendChoice;
import dev.pillion.analysis.ModelShapes;
import dev.pillion.analysis.SampleBatch;
import dev.pillion.analysis.SampleBatch.Group;
import dev.pillion.analysis.SampleBatch.Segment;
import dev.pillion.cuda.VirtualGpuBackendProvider;
import dev.pillion.engine.ForwardProbe;
import dev.pillion.kernels.driver.GpuDriver;
import dev.pillion.kernels.virtual.Check;
import dev.pillion.kernels.virtual.VirtualGpuDriver;
import dev.pillion.model.Model;
import dev.pillion.model.TensorType;
import dev.pillion.model.architecture.ModelDescription;
import dev.pillion.scheduler.CostModel;
import dev.pillion.scheduler.ModelShape;
import dev.pillion.scheduler.StepCost;
import dev.pillion.spi.Backend;
import dev.pillion.spi.BackendOptions;
import dev.pillion.spi.OperationCounters;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What the CPU backend and the CUDA backend count in a step of the real forward pass is what the cost model's formulas say:
 * to the last FLOP, byte and operation, for prefills, decodes, hybrids and prefix groups, with weights of any type, biases, norms of heads,
 * shared embeddings and windows.
 */
class CostModelCountersTest {
    private static final int BATCHES = 40;
    private static final int GPU_BATCHES = 3;
    private static final int MOST_SEGMENTS = 8;
    private static final int LONGEST_START = 120;
    private static final int LONGEST_CHUNK = 24;
    private static final int BLOCK_TOKENS = 8;
    private static final int BLOCKS_PER_SEGMENT = (LONGEST_START + LONGEST_CHUNK) / BLOCK_TOKENS + 1;

    static Stream<Path> models() {
        Path goldens = TestData.path("data/models/goldens");
        return Stream.of(
                TestData.source("runtime/cli/src/main/resources/dev/pillion/cli/demo.gguf"),
                TestData.path("demo-model/variants/demo-Q4_K_M.gguf"),
                TestData.path("data/models/stories260K/gguf/stories260K-Q8_0.gguf"),
                goldens.resolve("llama_tied_mqa"),
                goldens.resolve("llama_untied"),
                goldens.resolve("qwen2_tied"),
                goldens.resolve("qwen3"),
                goldens.resolve("mistral_swa"));
    }

    @ParameterizedTest
    @MethodSource("models")
    void countersEqualTheFormulas(Path file) {
        long seed = Long.getLong("pillion.test.seed", 20261121);
        for (TensorType kvType : new TensorType[] {TensorType.F32, TensorType.F16}) {
            try (Model model = Model.open(file);
                    Backend backend = BackendChoice.open(EngineOptions.builder().backend("cpu").build())) {
                check(model, backend, kvType, BATCHES, new SplittableRandom(seed), "seed " + seed);
            }
        }
    }

    /** The very batches of the CPU, fewer of them: the virtual GPU really computes them. */
    @ParameterizedTest
    @MethodSource("gpuModels")
    void theGpuCountsWhatTheCpuCounts(Path file, TensorType compute) {
        long seed = Long.getLong("pillion.test.seed", 20261121);
        // Batches read keys and values that nobody wrote, which the virtual GPU would call an error.
        GpuDriver driver = VirtualGpuDriver.builder().without(Check.UNWRITTEN).build();
        BackendOptions options = BackendOptions.defaults().withCompute(compute);
        try (Model model = Model.open(file);
                Backend backend = new VirtualGpuBackendProvider(() -> driver).open(options)) {
            check(model, backend, compute, GPU_BATCHES, new SplittableRandom(seed), "seed " + seed);
        }
    }

    static Stream<Arguments> gpuModels() {
        Path goldens = TestData.path("data/models/goldens");
        return Stream.of(
                Arguments.of(goldens.resolve("mistral_swa"), TensorType.F32),
                Arguments.of(goldens.resolve("mistral_swa"), TensorType.F16),
                Arguments.of(goldens.resolve("qwen2_tied"), TensorType.F16),
                Arguments.of(goldens.resolve("qwen3"), TensorType.BF16),
                Arguments.of(goldens.resolve("llama_tied_mqa"), TensorType.F32));
    }

    private static void check(
            Model model, Backend backend, TensorType kvType, int batches, SplittableRandom random, String what) {
        ForwardProbe probe = new ForwardProbe(
                model,
                backend,
                new ForwardProbe.Capacity(
                        MOST_SEGMENTS * LONGEST_CHUNK,
                        MOST_SEGMENTS,
                        MOST_SEGMENTS * BLOCKS_PER_SEGMENT,
                        MOST_SEGMENTS * BLOCKS_PER_SEGMENT,
                        BLOCK_TOKENS,
                        kvType));
        ModelDescription description = model.description();
        ModelShape shape = ModelShapes.of(model, kvType);
        CostModel cost = new CostModel(shape);
        OperationCounters counted = backend.counters();
        for (int i = 0; i < batches; i++) {
            SampleBatch batch = randomBatch(random);
            batch.fill(probe.batch(), description.vocabularySize(), random);
            counted.reset();
            probe.run();
            StepCost expected = cost.estimate(batch.shape(shape, BLOCK_TOKENS));
            String where = what + ", batch " + i + ": " + batch;
            assertThat(counted.flops).as("FLOPs, %s", where).isEqualTo(expected.flops());
            assertThat(counted.weightBytes).as("weight bytes, %s", where).isEqualTo(expected.weightBytes());
            assertThat(counted.kvReadBytes).as("KV bytes read, %s", where).isEqualTo(expected.kvReadBytes());
            assertThat(counted.kvWriteBytes).as("KV bytes written, %s", where).isEqualTo(expected.kvWriteBytes());
            assertThat(counted.operations).as("operations, %s", where).isEqualTo(expected.launches());
        }
    }

    /** One to eight segments, decodes and chunks, some in groups that share leading blocks. */
    private static SampleBatch randomBatch(SplittableRandom random) {
        List<Group> groups = new ArrayList<>();
        int left = 1 + random.nextInt(MOST_SEGMENTS);
        while (left > 0) {
            int sharers = 1 + random.nextInt(left);
            int shared = sharers == 1 ? 0 : random.nextInt(LONGEST_START / 2 / BLOCK_TOKENS);
            List<Segment> segments = new ArrayList<>();
            for (int i = 0; i < sharers; i++) {
                int least = shared * BLOCK_TOKENS;
                int start = least + random.nextInt(LONGEST_START - least + 1);
                int length = random.nextBoolean() ? 1 : 1 + random.nextInt(LONGEST_CHUNK);
                segments.add(new Segment(start, length, random.nextBoolean()));
            }
            groups.add(new Group(shared, segments));
            left -= sharers;
        }
        return new SampleBatch(groups);
    }
}
