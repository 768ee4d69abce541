package dev.pillion.model.architecture;

import dev.pillion.model.ModelFormatException;
import java.nio.file.Path;
import java.util.Set;

/** The families the forward pass can follow. Others are refused by name. */
final class Architectures {
    /** Values of {@code general.architecture} in GGUF files; {@code llama} covers Llama 1 to 3 and Mistral there. */
    static final Set<String> GGUF = Set.of("llama", "qwen2", "qwen3");

    /** Values of {@code model_type} in config.json. */
    static final Set<String> HUGGING_FACE = Set.of("llama", "mistral", "qwen2", "qwen3");

    private Architectures() {}

    static void requireKnown(Path file, String key, String name, Set<String> known) {
        if (!known.contains(name)) {
            throw new ModelFormatException(
                    file, key, "architecture \"" + name + "\" is not supported; known are "
                            + String.join(", ", known.stream().sorted().toList()));
        }
    }
}
