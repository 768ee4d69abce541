package dev.pillion.model.tokenizer;

import dev.pillion.model.ModelFormatException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * Reads tiktoken's format: one token per line, its bytes in Base64 and its rank, which is its id. The pre-tokenizer and
 * the special tokens are not in the file.
 */
final class TiktokenFile {
    private final Path file;

    TiktokenFile(Path file) {
        this.file = file;
    }

    Tokenizer read(PreTokenizerFamily family, Map<String, Integer> specialTokens) {
        List<AddedToken> added = new ArrayList<>();
        Vocabulary vocabulary = vocabulary(specialTokens, added);
        int[] priority = new int[vocabulary.size()];
        Arrays.setAll(priority, id -> id);
        MergeTable table = MergeTable.ofRanking(vocabulary, priority, file, "ranks");
        BytePairModel model =
                new BytePairModel(table, true, new BytePairModel.Unknown(new int[0], Vocabulary.NONE, false));
        SpecialTokens.Roles roles = new SpecialTokens.Roles(
                first(vocabulary, "<|begin_of_text|>"), first(vocabulary, "<|endoftext|>", "<|end_of_text|>"),
                OptionalInt.empty(), OptionalInt.empty(), OptionalInt.empty());
        SpecialTokens special = SpecialTokens.complete(vocabulary, roles, new BitSet());
        int[] before = family.addsBeginning() ? special.beginning().stream().toArray() : new int[0];
        return new Tokenizer(vocabulary, special, new Tokenizer.Stages(
                added, Normalizer.NONE, List.of(), family.preTokenizer(), model, before, new int[0], false));
    }

    private Vocabulary vocabulary(Map<String, Integer> specialTokens, List<AddedToken> added) {
        List<String> lines = lines();
        VocabularyBuilder builder = new VocabularyBuilder(file, lines.size() + specialTokens.size());
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            int space = line.indexOf(' ');
            if (line.isEmpty()) {
                continue;
            }
            if (space <= 0 || !line.substring(space + 1).matches("[0-9]{1,9}")) {
                throw new ModelFormatException(file, "line " + (i + 1), "is not a token in Base64 and its rank");
            }
            builder.put(token(line.substring(0, space), i), Long.parseLong(line.substring(space + 1)),
                    TokenKind.NORMAL);
        }
        specialTokens.forEach((name, id) -> {
            builder.put(name, (long) id, TokenKind.CONTROL);
            added.add(AddedToken.plain(id, name, true));
        });
        return builder.build(PieceCoding.BYTE_LEVEL);
    }

    private String token(String base64, int line) {
        try {
            return ByteLevel.encode(Base64.getDecoder().decode(base64));
        } catch (IllegalArgumentException e) {
            throw new ModelFormatException(file, "line " + (line + 1), "is not Base64: " + e.getMessage());
        }
    }

    private static OptionalInt first(Vocabulary vocabulary, String... names) {
        return Arrays.stream(names).mapToInt(vocabulary::idOf).filter(id -> id != Vocabulary.NONE).findFirst();
    }

    private List<String> lines() {
        try {
            return Files.readAllLines(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }
}
