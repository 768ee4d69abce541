package dev.pillion.model;

import java.nio.file.Path;
import java.util.Map;

/**
 * An opened model file: its tensors mapped into memory, not read.
 *
 * <p>The mapping belongs to this object. Closing it makes every {@link Tensor#data()} segment unusable, so it is closed
 * once, after the last user.
 */
public interface ModelFile extends AutoCloseable {
    /** The file or folder that was opened; for a sharded model the first shard or the folder. */
    Path path();

    /** Container and version for people, such as {@code GGUF v3}. */
    String format();

    /** Tensors by name, in file order. */
    Map<String, Tensor> tensors();

    /** Unmaps the file. Idempotent. */
    @Override
    void close();
}
