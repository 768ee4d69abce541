package dev.pillion.model.tokenizer;

import dev.pillion.model.Metadata;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Vocabularies small enough to be written down. */
final class TinyVocabulary {
    /** The file that exceptions name. */
    static final Path FILE = Path.of("tiny.gguf");

    private TinyVocabulary() {}

    /** Normal tokens. */
    static Vocabulary of(String... pieces) {
        TokenKind[] kinds = new TokenKind[pieces.length];
        Arrays.fill(kinds, TokenKind.NORMAL);
        return new Vocabulary(FILE, "tokens", List.of(pieces), kinds, PieceCoding.METASPACE);
    }

    /** The keys of a byte-level GGUF tokenizer with all bytes, {@code <|end|>} and some merges. */
    static Map<String, Object> byteLevel(String... merges) {
        List<Object> tokens = new ArrayList<>();
        for (int value = 0; value < 256; value++) {
            tokens.add(String.valueOf(ByteLevel.characterOf(value)));
        }
        for (String merge : merges) {
            tokens.add(merge.replace(" ", ""));
        }
        tokens.add("<|end|>");
        long[] types = new long[tokens.size()];
        Arrays.fill(types, 1);
        types[types.length - 1] = 3;
        Map<String, Object> keys = new LinkedHashMap<>();
        keys.put("tokenizer.ggml.model", "gpt2");
        keys.put("tokenizer.ggml.pre", "gpt-2");
        keys.put("tokenizer.ggml.tokens", tokens);
        keys.put("tokenizer.ggml.token_type", types);
        keys.put("tokenizer.ggml.merges", new ArrayList<Object>(List.of(merges)));
        keys.put("tokenizer.ggml.eos_token_id", (long) types.length - 1);
        return keys;
    }

    /** The keys of a SentencePiece GGUF tokenizer without byte tokens. */
    static Map<String, Object> sentencePiece() {
        Map<String, Object> keys = new LinkedHashMap<>();
        keys.put("tokenizer.ggml.model", "llama");
        keys.put("tokenizer.ggml.pre", "default");
        keys.put("tokenizer.ggml.tokens", new ArrayList<Object>(
                List.of("<unk>", "<s>", "</s>", "\u2581", "a", "b", "ab", "\u2581ab", "s", ">", "s>", "<")));
        keys.put("tokenizer.ggml.scores", new float[] {0, 0, 0, -9, -9, -9, -2, -1, -9, -9, -3, -9});
        keys.put("tokenizer.ggml.token_type", new long[] {2, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1});
        return keys;
    }

    static Tokenizer tokenizer(Map<String, Object> keys) {
        return Tokenizers.fromGguf(new Metadata(FILE, keys));
    }
}
