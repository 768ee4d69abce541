package dev.pillion.model.safetensors;

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

/**
 * A model in the safetensors format, mapped into memory: one file, or a folder of them.
 *
 * <p>A safetensors file is three things in a row:
 *
 * <pre>
 *   +0    header length n   uint64, little endian
 *   +8    header            n bytes of JSON: an object with one entry per tensor,
 *                             "name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [begin, end]}
 *                           and, as an option, "__metadata__": an object of strings
 *   +8+n  data section      the tensors' bytes; offsets count from here
 * </pre>
 *
 * <p>The tensors fill the data section without gaps. Nothing aligns them: the data of a tensor may begin at any byte,
 * so it is read with unaligned layouts. Element types without a counterpart in {@link dev.pillion.model.TensorType}
 * (booleans, unsigned integers, 8-bit floats) are refused.
 *
 * <p>A folder holds either {@code model.safetensors} or {@code model.safetensors.index.json}, whose {@code weight_map}
 * says which file each tensor is in. The files must agree with it; a tensor that it does not mention is taken along as
 * long as only one file has it.
 *
 * <p>The files are untrusted: what contradicts the above ends in a {@link ModelFormatException} and nothing stays
 * mapped. Instances are immutable and may be shared between threads, except that {@link #close} must come after the
 * last access.
 */
public final class SafetensorsFile implements ModelFile {
    private static final String SINGLE_FILE = "model.safetensors";

    private final Path path;
    private final Metadata metadata;
    private final Map<String, Tensor> tensors;
    private final FileMappings mappings;

    private SafetensorsFile(Path path, Metadata metadata, Map<String, Tensor> tensors, FileMappings mappings) {
        this.path = path;
        this.metadata = metadata;
        this.tensors = Collections.unmodifiableMap(tensors);
        this.mappings = mappings;
    }

    /**
     * Maps a model.
     *
     * @param fileOrFolder a safetensors file, or a folder with {@code model.safetensors} or an index
     * @throws ModelFormatException if a file cannot be used as it is, or the folder holds no model
     * @throws java.io.UncheckedIOException if the file is missing or cannot be read
     */
    public static SafetensorsFile open(Path fileOrFolder) {
        return FileMappings.open(mappings -> open(fileOrFolder, mappings));
    }

    private static SafetensorsFile open(Path path, FileMappings mappings) {
        if (!Files.isDirectory(path)) {
            return single(path, path, mappings);
        }
        Path file = path.resolve(SINGLE_FILE);
        if (Files.isRegularFile(file)) {
            return single(path, file, mappings);
        }
        Path index = path.resolve(SafetensorsIndex.NAME);
        if (Files.isRegularFile(index)) {
            return sharded(path, SafetensorsIndex.read(index), mappings);
        }
        throw new ModelFormatException(
                path, "folder", "holds neither " + SINGLE_FILE + " nor " + SafetensorsIndex.NAME);
    }

    private static SafetensorsFile single(Path path, Path file, FileMappings mappings) {
        SafetensorsShard shard = SafetensorsShard.read(file, mappings.map(file));
        return new SafetensorsFile(path, shard.metadata(), shard.tensors(), mappings);
    }

    private static SafetensorsFile sharded(Path path, SafetensorsIndex index, FileMappings mappings) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        Map<String, Object> metadata = new LinkedHashMap<>();
        for (String name : index.files()) {
            Path file = index.resolve(name);
            SafetensorsShard shard = SafetensorsShard.read(file, mappings.map(file));
            shard.metadata().values().forEach(metadata::putIfAbsent);
            for (Tensor tensor : shard.tensors().values()) {
                checkPlace(index, file, name, tensor.name());
                if (tensors.put(tensor.name(), tensor) != null) {
                    throw new ModelFormatException(file, "tensor " + tensor.name(), "is also in an earlier file");
                }
            }
        }
        for (String tensor : index.weightMap().keySet()) {
            if (!tensors.containsKey(tensor)) {
                throw new ModelFormatException(index.file(), "tensor " + tensor, "is not in "
                        + index.weightMap().get(tensor) + ", where weight_map puts it");
            }
        }
        return new SafetensorsFile(path, new Metadata(index.file(), metadata), tensors, mappings);
    }

    private static void checkPlace(SafetensorsIndex index, Path file, String name, String tensor) {
        String place = index.weightMap().getOrDefault(tensor, name);
        if (!place.equals(name)) {
            throw new ModelFormatException(file, "tensor " + tensor, "is here, but weight_map puts it in " + place);
        }
    }

    @Override
    public Path path() {
        return path;
    }

    @Override
    public String format() {
        return "safetensors";
    }

    /** The {@code __metadata__} strings; of all files, the first that has a key counts. */
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
