package dev.pillion.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pillion.model.gguf.GgufBuilder;
import dev.pillion.model.gguf.GgufFile;
import dev.pillion.model.safetensors.SafetensorsBuilder;
import dev.pillion.model.safetensors.SafetensorsFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models of several files, one of them damaged: they open or are refused, and nothing stays mapped. */
class FolderFuzzTest {
    private static final long SEED = Long.getLong("pillion.test.seed", 20261121);
    private static final int MUTATIONS = 1_500;
    private static final List<String> TOKENS =
            List.of("{", "}", "\"", ",", "null", "../", "/", "\\", "\\u0000", "\\ud800", "\u00fc", "one", "two");

    @TempDir
    Path folder;

    @Test
    void damagedIndex() throws IOException {
        new SafetensorsBuilder().tensor("a", "I8", new byte[1], 1).write(folder.resolve("one.safetensors"));
        new SafetensorsBuilder().tensor("b", "I8", new byte[1], 1).write(folder.resolve("two.safetensors"));
        byte[] index =
                "{\"metadata\":{\"total_size\":2},\"weight_map\":{\"a\":\"one.safetensors\",\"b\":\"two.safetensors\"}}"
                .getBytes(StandardCharsets.UTF_8);
        run(index, TOKENS, folder.resolve("model.safetensors.index.json"), () -> SafetensorsFile.open(folder));
    }

    @Test
    void damagedShard() throws IOException {
        Path first = folder.resolve("m-00001-of-00002.gguf");
        byte[] good = shard(0, "a").build();
        shard(1, "b").write(folder.resolve("m-00002-of-00002.gguf"));
        run(good, List.of(), first, () -> GgufFile.open(first));
    }

    private static GgufBuilder shard(int number, String tensor) {
        return new GgufBuilder().uint16("split.no", number).uint16("split.count", 2).int32("split.tensors.count", 2)
                .tensor(tensor, TensorType.I8, new byte[1], 1);
    }

    private void run(byte[] good, List<String> tokens, Path damaged, Supplier<ModelFile> opener) throws IOException {
        int opened = 0;
        for (int number = 0; number < MUTATIONS; number++) {
            SplittableRandom random = new SplittableRandom(SEED * 1_000_003 + number);
            Files.write(damaged, new Mutator(random, List.of(new Mutator.Seed(good, good.length)), tokens).next());
            try (ModelFile file = opener.get()) {
                assertThat(file.tensors()).isNotNull();
                opened++;
            } catch (ModelFormatException fault) {
                assertThat(fault).hasMessageStartingWith(folder.toString());
            } catch (Throwable unexpected) {
                throw new AssertionError("seed " + SEED + ", mutation " + number
                        + ": repeat with -Dpillion.test.seed=" + SEED, unexpected);
            }
        }
        assertThat(opened).isBetween(1, MUTATIONS - 1);
        MappingLifetimeTest.assertNoMappings(folder);
    }
}
