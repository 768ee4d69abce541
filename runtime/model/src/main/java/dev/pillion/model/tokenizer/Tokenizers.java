package dev.pillion.model.tokenizer;

import dev.pillion.model.Metadata;
import dev.pillion.model.ModelFormatException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Makes tokenizers from the formats that models come in. */
public final class Tokenizers {
    private Tokenizers() {}

    /**
     * The tokenizer of a GGUF file.
     *
     * @param metadata the file's key-value pairs
     * @throws dev.pillion.model.ModelFormatException if they describe no tokenizer, one that is not well formed, or
     *     one that is not supported
     */
    public static Tokenizer fromGguf(Metadata metadata) {
        return new GgufTokenizer(metadata).read();
    }

    /**
     * The tokenizer of a folder as the Hugging Face hub has them: tokenizer.json, or vocab.json with merges.txt; and,
     * as far as they are there, tokenizer_config.json, special_tokens_map.json, generation_config.json and config.json.
     *
     * @param folder the model's folder
     * @throws ModelFormatException if a file is not well formed or asks for something that is not supported
     */
    public static Tokenizer fromHuggingFace(Path folder) {
        HuggingFaceConfig config = new HuggingFaceConfig(folder);
        Path tokenizerJson = folder.resolve("tokenizer.json");
        if (Files.isRegularFile(tokenizerJson)) {
            return new TokenizerJson(JsonFields.read(tokenizerJson)).read(config);
        }
        Path vocab = folder.resolve("vocab.json");
        Path merges = folder.resolve("merges.txt");
        if (Files.isRegularFile(vocab) && Files.isRegularFile(merges)) {
            return new VocabAndMerges(vocab, merges, config).read();
        }
        throw new ModelFormatException(folder, "tokenizer",
                "there is neither tokenizer.json nor vocab.json with merges.txt; download one of them");
    }

    /**
     * The tokenizer of a GPT-2 style pair of files. A tokenizer_config.json beside the first is read for special
     * tokens.
     *
     * @param vocab the tokens and their ids, JSON
     * @param merges the merges, one per line
     * @param preTokenizer the name of the pre-tokenizer as GGUF has it, such as {@code gpt-2}
     * @throws ModelFormatException if a file is not well formed
     * @throws IllegalArgumentException if the pre-tokenizer is not known
     */
    public static Tokenizer fromVocabAndMerges(Path vocab, Path merges, String preTokenizer) {
        Path folder = vocab.toAbsolutePath().getParent();
        return new VocabAndMerges(vocab, merges, new HuggingFaceConfig(folder))
                .read(family(preTokenizer), Normalizer.NONE);
    }

    /**
     * The tokenizer of a tiktoken file.
     *
     * @param file tokens in Base64 and their ranks
     * @param preTokenizer the name of the pre-tokenizer as GGUF has it: {@code dbrx} for cl100k, {@code gpt-4o} for
     *     o200k, {@code llama-bpe} for Llama 3
     * @param specialTokens the special tokens, which the file does not have, and their ids
     * @throws ModelFormatException if the file is not well formed
     * @throws IllegalArgumentException if the pre-tokenizer is not known
     */
    public static Tokenizer fromTiktoken(Path file, String preTokenizer, Map<String, Integer> specialTokens) {
        return new TiktokenFile(file).read(family(preTokenizer), specialTokens);
    }

    private static PreTokenizerFamily family(String name) {
        return PreTokenizerFamily.named(name).orElseThrow(() -> new IllegalArgumentException(
                "no pre-tokenizer is named '" + name + "'; there are " + PreTokenizerFamily.allNames()));
    }
}
