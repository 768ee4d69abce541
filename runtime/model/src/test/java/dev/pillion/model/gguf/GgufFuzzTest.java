package dev.pillion.model.gguf;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pillion.model.Metadata;
import dev.pillion.model.Mutator;
import dev.pillion.model.ReaderFuzz;
import dev.pillion.model.SharedTestData;
import dev.pillion.model.Tensor;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class GgufFuzzTest {
    private static final int MUTATIONS = 50_000;

    @Test
    void damagedFilesAreReadOrRefused() throws IOException {
        List<Mutator.Seed> seeds = new ArrayList<>();
        for (int copies = 0; copies < 3; copies++) {
            seeds.add(built(GgufSamples.everyType()));
            seeds.add(built(GgufSamples.everyType().version(2)));
        }
        seeds.add(real("data/models/stories260K/gguf/stories260K-Q4_0.gguf"));
        seeds.add(real("data/models/goldens/granite/model.f32.gguf"));

        ReaderFuzz<GgufShard> fuzz = new ReaderFuzz<>(seeds, List.of(), random -> UnaryOperator.identity(),
                bytes -> GgufShard.read(ReaderFuzz.FILE, MemorySegment.ofArray(bytes).asReadOnly()), GgufFuzzTest::use);
        ReaderFuzz.Outcome outcome = fuzz.run(MUTATIONS);
        assertThat(outcome.read()).as("read, of %s", outcome).isGreaterThan(MUTATIONS / 20);
        assertThat(outcome.refusals()).as("places that refuse, of %s", outcome).hasSizeGreaterThanOrEqualTo(15);
        assertThat(outcome.mostAllocatedBytes()).as("heap of one reading, of %s", outcome).isLessThan(8 << 20);
    }

    private static Mutator.Seed built(GgufBuilder builder) {
        byte[] bytes = builder.build();
        return new Mutator.Seed(bytes, (int) builder.position("data token_embd.weight"));
    }

    private static Mutator.Seed real(String relative) throws IOException {
        Path path = SharedTestData.path(relative);
        byte[] bytes = Files.readAllBytes(path);
        GgufShard shard = GgufShard.read(path, MemorySegment.ofArray(bytes));
        long dataBytes = shard.tensors().values().stream().mapToLong(tensor -> tensor.data().byteSize()).sum();
        return new Mutator.Seed(bytes, (int) (bytes.length - dataBytes));
    }

    private static Map<String, Tensor> use(GgufShard shard) {
        Metadata metadata = shard.metadata();
        metadata.values().forEach((key, value) -> {
            switch (value) {
                case String _ -> metadata.string(key);
                case Long _ -> metadata.integer(key);
                case Float _ -> metadata.number(key);
                case Double _ -> metadata.number(key);
                case Boolean _ -> metadata.bool(key);
                case long[] _ -> metadata.integers(key);
                case float[] _ -> metadata.floats(key);
                case double[] _, boolean[] _ -> metadata.has(key);
                case List<?> list -> list.forEach(Object::hashCode);
                default -> throw new IllegalStateException(key + " is " + value.getClass());
            }
        });
        return shard.tensors();
    }
}
