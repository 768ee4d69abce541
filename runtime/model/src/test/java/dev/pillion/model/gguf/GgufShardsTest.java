package dev.pillion.model.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.pillion.model.ModelFormatException;
import dev.pillion.model.TensorType;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GgufShardsTest {
    @TempDir
    Path folder;

    private Path first;

    @BeforeEach
    void writeShards() {
        first = shard(0, 3, 3, "a").string("general.name", "whole").write(file(1, 3));
        shard(1, 3, 3, "b").string("general.name", "part").write(file(2, 3));
        shard(2, 3, 3, "c").write(file(3, 3));
    }

    private Path file(int number, int count) {
        return folder.resolve("my-model-%05d-of-%05d.gguf".formatted(number, count));
    }

    private static GgufBuilder shard(int number, int count, int tensorCount, String tensor) {
        return new GgufBuilder().uint16("split.no", number).uint16("split.count", count)
                .int32("split.tensors.count", tensorCount)
                .tensor(tensor, TensorType.I8, new byte[] {(byte) tensor.charAt(0)}, 1);
    }

    private static void expect(Path opened, Path file, String subject, String problem) {
        ModelFormatException fault =
                catchThrowableOfType(ModelFormatException.class, () -> GgufFile.open(opened).close());
        assertThat(fault).isNotNull();
        assertThat(fault.file()).isEqualTo(file);
        assertThat(fault.subject()).isEqualTo(subject);
        assertThat(fault).hasMessageContaining(problem);
    }

    @Test
    void opensAllShardsBesideTheFirst() {
        try (GgufFile file = GgufFile.open(first)) {
            assertThat(file.tensors().keySet()).containsExactly("a", "b", "c");
            assertThat(file.tensors().get("c").data().get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) 'c');
            assertThat(file.metadata().string("general.name")).contains("whole");
            assertThat(file.path()).isEqualTo(first);
        }
    }

    @Test
    void aSingleShardNeedsNoSpecialName() {
        Path path = shard(0, 1, 1, "a").write(folder.resolve("single.gguf"));
        try (GgufFile file = GgufFile.open(path)) {
            assertThat(file.tensors()).hasSize(1);
        }
    }

    @Test
    void refusesAnotherThanTheFirstAndNamesTheFirst() {
        expect(file(2, 3), file(2, 3), "metadata key split.no",
                "this is shard 2 of 3; open the first, my-model-00001-of-00003.gguf");
    }

    @Test
    void refusesAFirstShardUnderAnotherName() throws IOException {
        Path renamed = Files.copy(first, folder.resolve("model.gguf"));
        expect(renamed, renamed, "file name", "-00001-of-0000N.gguf");
        Path recounted = Files.copy(first, file(1, 4));
        expect(recounted, recounted, "file name", "-00001-of-00003.gguf");
    }

    @Test
    void refusesAMissingShard() throws IOException {
        Files.delete(file(3, 3));
        expect(first, first, "metadata key split.count", "my-model-00003-of-00003.gguf is not in the folder");
    }

    @Test
    void refusesAShardUnderAnothersName() throws IOException {
        Files.delete(file(3, 3));
        Files.copy(file(2, 3), file(3, 3));
        expect(first, file(3, 3), "metadata key split.no", "is 1 but should be 2");
    }

    @Test
    void refusesAShardOfAnotherSplit() {
        shard(2, 5, 3, "c").write(file(3, 3));
        expect(first, file(3, 3), "metadata key split.count", "is 5 but should be 3");
    }

    @Test
    void refusesAFileThatIsNoShardAmongShards() {
        new GgufBuilder().write(file(3, 3));
        expect(first, file(3, 3), "metadata key split.no", "is missing");
    }

    @Test
    void refusesATensorInTwoShards() {
        shard(2, 3, 3, "a").write(file(3, 3));
        expect(first, file(3, 3), "tensor a", "is also in an earlier shard");
    }

    @Test
    void refusesAnotherTensorCount() {
        shard(0, 3, 4, "a").write(first);
        expect(first, first, "metadata key split.tensors.count", "is 4, but the shards hold 3 tensors");
    }

    @Test
    void refusesAShardCountThatCannotBeNamed() {
        new GgufBuilder().uint16("split.no", 0).uint32("split.count", 100_000).write(first);
        expect(first, first, "metadata key split.count", "at most 99999");
    }

    @Test
    void namesTheDamagedShard() throws IOException {
        Files.write(file(2, 3), new byte[] {'G', 'G', 'U', 'F'});
        expect(first, file(2, 3), "version", "only 0 bytes are left");
    }
}
