package dev.pillion.model.safetensors;

import dev.pillion.model.ModelFormatException;
import dev.pillion.model.json.Json;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The index of a sharded model, {@code model.safetensors.index.json}: which file holds which tensor.
 *
 * @param file the index file
 * @param weightMap file name by tensor name
 */
record SafetensorsIndex(Path file, Map<String, String> weightMap) {
    /** Where an index lies inside a model folder. */
    static final String NAME = "model.safetensors.index.json";

    static SafetensorsIndex read(Path file) {
        if (!(Json.parseObject(file).get("weight_map") instanceof Map<?, ?> map)) {
            throw new ModelFormatException(file, "weight_map", "is missing or not an object");
        }
        Map<String, String> weightMap = new LinkedHashMap<>();
        Json.object(map).forEach((tensor, name) -> weightMap.put(tensor, plainFileName(file, tensor, name)));
        if (weightMap.isEmpty()) {
            throw new ModelFormatException(file, "weight_map", "names no tensor");
        }
        return new SafetensorsIndex(file, weightMap);
    }

    /** A name with a separator, or one that means a folder, could lead out of the model's folder. */
    private static String plainFileName(Path file, String tensor, @Nullable Object value) {
        if (!(value instanceof String name)) {
            throw new ModelFormatException(file, "tensor " + tensor, "weight_map gives no file name");
        }
        boolean plain = name.endsWith(".safetensors")
                && name.chars().noneMatch(c -> c == '/' || c == '\\' || c == ':' || Character.isISOControl(c));
        if (!plain) {
            throw new ModelFormatException(file, "tensor " + tensor, "weight_map names \"" + name
                    + "\", which is not the plain name of a .safetensors file in the same folder");
        }
        return name;
    }

    /** The files named, each once, in order of first mention. */
    Set<String> files() {
        return new LinkedHashSet<>(weightMap.values());
    }

    /** A named file, which must be there. */
    Path resolve(String name) {
        try {
            Path shard = file.resolveSibling(name);
            if (Files.exists(shard)) {
                return shard;
            }
        } catch (InvalidPathException e) {
            // The name has characters that no file name of this system has, so there is no such file.
        }
        throw new ModelFormatException(file, "weight_map", name + " is not in the folder");
    }
}
