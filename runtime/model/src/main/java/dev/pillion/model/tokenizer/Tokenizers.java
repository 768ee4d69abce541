package dev.pillion.model.tokenizer;

import dev.pillion.model.Metadata;

/** Makes tokenizers from the formats that models come in. */
public final class Tokenizers {
    private Tokenizers() {}

    /**
     * The tokenizer of a GGUF file.
     *
     * @param metadata the file's key-value pairs
     * @throws dev.pillion.model.ModelFormatException if they describe no tokenizer, one that is not well formed, or one that is
     *     not supported
     */
    public static Tokenizer fromGguf(Metadata metadata) {
        return new GgufTokenizer(metadata).read();
    }
}
