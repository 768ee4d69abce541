package dev.pillion.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.pillion.model.gguf.GgufBuilder;
import dev.pillion.model.gguf.GgufFile;
import dev.pillion.model.safetensors.SafetensorsBuilder;
import dev.pillion.model.safetensors.SafetensorsFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Counts the mappings of the test's folder as the Linux kernel lists them. */
class MappingLifetimeTest {
    private static final Path MAPS = Path.of("/proc/self/maps");

    @TempDir
    Path folder;

    @BeforeEach
    void needsLinux() {
        assumeTrue(Files.isReadable(MAPS), "the list of mappings is a Linux file: " + MAPS);
    }

    private long mappings() throws IOException {
        return mappings(folder);
    }

    /** Where the kernel's list can be read. */
    static void assertNoMappings(Path folder) throws IOException {
        if (Files.isReadable(MAPS)) {
            assertThat(mappings(folder)).isZero();
        }
    }

    private static long mappings(Path folder) throws IOException {
        String name = folder.toRealPath().toString();
        try (Stream<String> lines = Files.lines(MAPS)) {
            return lines.filter(line -> line.contains(name)).count();
        }
    }

    private Path shard(int number) {
        return new GgufBuilder().uint16("split.no", number - 1).uint16("split.count", 3)
                .tensor("t" + number, TensorType.I8, new byte[100], 100)
                .write(folder.resolve("m-%05d-of-00003.gguf".formatted(number)));
    }

    @Test
    void closingUnmapsAllShards() throws IOException {
        Path first = shard(1);
        shard(2);
        shard(3);
        GgufFile file = GgufFile.open(first);
        assertThat(mappings()).isEqualTo(3);
        file.close();
        assertThat(mappings()).isZero();
    }

    @Test
    void aFailedOpenUnmapsTheShardsBeforeTheBadOne() throws IOException {
        Path first = shard(1);
        shard(2);
        Path bad = shard(3);
        Files.write(bad, Arrays.copyOf(Files.readAllBytes(bad), 200));
        assertThatThrownBy(() -> GgufFile.open(first)).isInstanceOf(ModelFormatException.class);
        assertThat(mappings()).isZero();
    }

    @Test
    void failedOpensOfGgufUnmap() throws IOException {
        byte[] good = new GgufBuilder().string("k", "v").tensor("t", TensorType.F32, new byte[400], 100).build();
        for (int length : List.of(0, 3, 20, 40, 80, good.length - 1)) {
            Path bad = Files.write(folder.resolve("bad-" + length + ".gguf"), Arrays.copyOf(good, length));
            assertThatThrownBy(() -> GgufFile.open(bad)).isInstanceOf(ModelFormatException.class);
        }
        assertThat(mappings()).isZero();
    }

    @Test
    void safetensorsUnmap() throws IOException {
        Path good = new SafetensorsBuilder().tensor("t", "I8", new byte[100], 100)
                .write(folder.resolve("good.safetensors"));
        SafetensorsFile file = SafetensorsFile.open(good);
        assertThat(mappings()).isEqualTo(1);
        file.close();
        Files.writeString(folder.resolve("model.safetensors.index.json"),
                "{\"weight_map\":{\"t\":\"good.safetensors\",\"u\":\"good.safetensors\"}}");
        assertThatThrownBy(() -> SafetensorsFile.open(folder)).isInstanceOf(ModelFormatException.class);
        byte[] bytes = Files.readAllBytes(good);
        Path bad = Files.write(folder.resolve("bad.safetensors"), Arrays.copyOf(bytes, bytes.length - 1));
        assertThatThrownBy(() -> SafetensorsFile.open(bad)).isInstanceOf(ModelFormatException.class);
        assertThat(mappings()).isZero();
    }
}
