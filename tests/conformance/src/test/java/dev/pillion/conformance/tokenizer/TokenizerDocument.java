package dev.pillion.conformance.tokenizer;

import dev.pillion.model.Metadata;
import dev.pillion.model.gguf.GgufFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Writes a tokenizer.json from the vocabulary of another format and the parts that a known model combines with it. */
final class TokenizerDocument {
    private final Map<String, Integer> vocabulary = new LinkedHashMap<>();
    private final Map<String, Integer> added = new LinkedHashMap<>();
    private final Set<String> special = new HashSet<>();
    private final List<String> merges = new ArrayList<>();

    /** The vocabulary of a byte-level GGUF file; its control and user-defined tokens become added tokens. */
    static TokenizerDocument ofGguf(Path file) {
        TokenizerDocument document = new TokenizerDocument();
        try (GgufFile gguf = GgufFile.open(file)) {
            Metadata metadata = gguf.metadata();
            List<String> tokens = metadata.strings("tokenizer.ggml.tokens").orElseThrow();
            long[] types = metadata.integers("tokenizer.ggml.token_type").orElseThrow();
            for (int id = 0; id < tokens.size(); id++) {
                // Also in the vocabulary: the original library numbers added tokens anew that are not.
                document.vocabulary.put(tokens.get(id), id);
                if (types[id] != 1) {
                    document.added.put(tokens.get(id), id);
                }
                if (types[id] == 3) {
                    document.special.add(tokens.get(id));
                }
            }
            document.merges.addAll(metadata.strings("tokenizer.ggml.merges").orElseThrow());
        }
        return document;
    }

    /**
     * Writes the document.
     *
     * @param normalizer JSON, or "null"
     * @param preTokenizer JSON
     * @param ignoreMerges whether a piece that is a token becomes it without merging
     * @param folder where tokenizer.json goes
     */
    Path write(String normalizer, String preTokenizer, boolean ignoreMerges, Path folder) {
        StringBuilder json = new StringBuilder("{\"version\":\"1.0\",\"added_tokens\":[");
        String separator = "";
        for (Map.Entry<String, Integer> token : added.entrySet()) {
            json.append(separator).append("{\"id\":").append(token.getValue()).append(",\"content\":")
                    .append(quoted(token.getKey()))
                    .append(",\"single_word\":false,\"lstrip\":false,\"rstrip\":false,\"normalized\":false")
                    .append(",\"special\":")
                    .append(special.contains(token.getKey())).append('}');
            separator = ",";
        }
        json.append("],\"normalizer\":").append(normalizer).append(",\"pre_tokenizer\":").append(preTokenizer)
                .append(",\"post_processor\":null,\"decoder\":{\"type\":\"ByteLevel\",\"add_prefix_space\":true,"
                        + "\"trim_offsets\":true,\"use_regex\":true},\"model\":{\"type\":\"BPE\",\"dropout\":null,"
                        + "\"unk_token\":null,\"continuing_subword_prefix\":null,\"end_of_word_suffix\":null,"
                        + "\"fuse_unk\":false,\"byte_fallback\":false,\"ignore_merges\":").append(ignoreMerges)
                        .append(",\"vocab\":{");
        separator = "";
        for (Map.Entry<String, Integer> token : vocabulary.entrySet()) {
            json.append(separator).append(quoted(token.getKey())).append(':').append(token.getValue());
            separator = ",";
        }
        json.append("},\"merges\":[");
        separator = "";
        for (String merge : merges) {
            json.append(separator).append(quoted(merge));
            separator = ",";
        }
        return write(folder, json.append("]}}").toString());
    }

    /** Writes a document as the tokenizer.json of a folder. */
    static Path write(Path folder, String json) {
        try {
            return Files.writeString(folder.resolve("tokenizer.json"), json);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A JSON string. */
    static String quoted(String text) {
        StringBuilder out = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\' || c < ' ' || c == 0x7F) {
                out.append(String.format("\\u%04x", (int) c));
            } else {
                out.append(c);
            }
        }
        return out.append('"').toString();
    }
}
