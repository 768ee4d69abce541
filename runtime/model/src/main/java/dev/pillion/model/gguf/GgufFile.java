package dev.pillion.model.gguf;

import dev.pillion.model.Metadata;
import dev.pillion.model.ModelFile;
import dev.pillion.model.ModelFormatException;
import dev.pillion.model.Tensor;
import dev.pillion.model.io.FileMappings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;

/**
 * A model in the GGUF format, mapped into memory.
 *
 * <p>A GGUF file is one header followed by one data section. All integers are little endian, counts and lengths are 64
 * bits wide (in versions 2 and 3, which differ only in that version 3 also knows big-endian files; those are refused
 * here):
 *
 * <pre>
 *   +0   magic           'G' 'G' 'U' 'F'
 *   +4   version         uint32
 *   +8   tensor count    uint64
 *  +16   metadata count  uint64
 *  +24   metadata        per pair:   key string, value type uint32, value
 *        tensors         per tensor: name string, dimension count uint32 (0..4), dimensions uint64 each,
 *                                    type uint32, offset uint64
 *        padding         to a multiple of general.alignment (32 unless the metadata says otherwise)
 *        data section    the tensors' bytes, each at a multiple of the alignment from the section's start
 * </pre>
 *
 * <p>A string is its length in bytes (uint64) and that many bytes of UTF-8, without a terminator. An array is an
 * element type (uint32), an element count (uint64) and the elements, which may be arrays. Dimensions are stored
 * innermost first; {@link Tensor#shape()} turns them round. A tensor's data is rows of its innermost dimension, and for
 * the quantised types a row is a whole number of blocks ({@link dev.pillion.model.TensorType}).
 *
 * <p><b>Shards.</b> A large model is cut into files {@code name-00001-of-00003.gguf} and so on. Each is a GGUF file
 * with the keys {@code split.no} (from 0), {@code split.count} and {@code split.tensors.count} (over all shards). The
 * first carries the model's metadata; it is the one to open, and the others are found beside it.
 *
 * <p><b>What is checked.</b> The file is untrusted. Every count and length is compared with the bytes left before
 * anything is allocated for it; the header may not exceed 128 MiB; keys and tensor names are unique; the bytes of a
 * tensor follow from its type and shape without overflow, lie inside the data section, are aligned and overlap no other
 * tensor. The first violation ends in a {@link ModelFormatException} and nothing stays mapped. Not checked is whether
 * strings are valid UTF-8: a malformed sequence reads as the replacement character.
 *
 * <p>Instances are immutable and may be shared between threads, except that {@link #close} must come after the last
 * access.
 */
public final class GgufFile implements ModelFile {
    private static final String SPLIT_COUNT = "split.count";
    private static final String SPLIT_TENSORS_COUNT = "split.tensors.count";

    private final Path path;
    private final int version;
    private final Metadata metadata;
    private final Map<String, Tensor> tensors;
    private final FileMappings mappings;

    private GgufFile(Path path, GgufShard first, Map<String, Tensor> tensors, FileMappings mappings) {
        this.path = path;
        this.version = first.version();
        this.metadata = first.metadata();
        this.tensors = Collections.unmodifiableMap(tensors);
        this.mappings = mappings;
    }

    /**
     * Maps a GGUF file, and all its shards where it is the first of several.
     *
     * @param path a single file, or the first shard
     * @throws ModelFormatException if the file, or a shard, cannot be used as it is
     * @throws java.io.UncheckedIOException if the file is missing or cannot be read
     */
    public static GgufFile open(Path path) {
        return FileMappings.open(mappings -> open(path, mappings));
    }

    private static GgufFile open(Path path, FileMappings mappings) {
        GgufShard first = GgufShard.read(path, mappings.map(path));
        Map<String, Tensor> tensors = new LinkedHashMap<>(first.tensors());
        int count = GgufShardName.checkFirst(path, first.metadata());
        for (int number = 1; number < count; number++) {
            Path file = GgufShardName.of(path).sibling(number);
            if (!Files.exists(file)) {
                throw new ModelFormatException(path, "metadata key " + SPLIT_COUNT,
                        "says there are " + count + " shards, but " + file.getFileName() + " is not in the folder");
            }
            GgufShard shard = GgufShard.read(file, mappings.map(file));
            GgufShardName.checkFurther(file, shard.metadata(), number, count);
            merge(file, shard, tensors);
        }
        checkTensorCount(path, first.metadata(), tensors.size());
        return new GgufFile(path, first, tensors, mappings);
    }

    private static void merge(Path file, GgufShard shard, Map<String, Tensor> tensors) {
        for (Tensor tensor : shard.tensors().values()) {
            if (tensors.put(tensor.name(), tensor) != null) {
                throw new ModelFormatException(file, "tensor " + tensor.name(), "is also in an earlier shard");
            }
        }
    }

    private static void checkTensorCount(Path path, Metadata metadata, int tensorCount) {
        OptionalLong expected = metadata.integer(SPLIT_TENSORS_COUNT);
        if (expected.isPresent() && expected.getAsLong() != tensorCount) {
            throw new ModelFormatException(path, "metadata key " + SPLIT_TENSORS_COUNT, "is " + expected.getAsLong()
                    + ", but the shards hold " + tensorCount + " tensors");
        }
    }

    @Override
    public Path path() {
        return path;
    }

    @Override
    public String format() {
        return "GGUF v" + version;
    }

    /** Format version, 2 or 3; of the first shard where there are several. */
    public int version() {
        return version;
    }

    /** The key-value pairs; of the first shard where there are several. */
    public Metadata metadata() {
        return metadata;
    }

    @Override
    public Map<String, Tensor> tensors() {
        return tensors;
    }

    @Override
    public void close() {
        mappings.close();
    }
}
