package dev.pillion.model.tokenizer;

import dev.pillion.model.ModelFormatException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Reads the format of GPT-2: vocab.json maps tokens to ids, merges.txt has one pair of tokens per line after an
 * optional line {@code #version: ...}. Special tokens are those of the tokenizer_config.json beside them.
 */
final class VocabAndMerges {
    private static final String END_OF_TEXT = "<|endoftext|>";

    private final Path vocabFile;
    private final Path mergesFile;
    private final HuggingFaceConfig config;

    VocabAndMerges(Path vocabFile, Path mergesFile, HuggingFaceConfig config) {
        this.vocabFile = vocabFile;
        this.mergesFile = mergesFile;
        this.config = config;
    }

    /**
     * Reads the tokenizer.
     *
     * @param family the pre-tokenizer, which the files do not name
     * @param normalizer the normalizer, which they do not name either
     */
    Tokenizer read(PreTokenizerFamily family, Normalizer normalizer) {
        List<AddedToken> added = new ArrayList<>();
        Vocabulary vocabulary = vocabulary(added);
        BytePairModel.Unknown unknown = new BytePairModel.Unknown(new int[0], Vocabulary.NONE, false);
        BytePairModel model = new BytePairModel(merges(vocabulary), family.wholePieces(), unknown);
        SpecialTokens special = config.specialTokens(vocabulary, OptionalInt.empty());
        TemplateJson template = config.template(special);
        return new Tokenizer(vocabulary, special, new Tokenizer.Stages(
                added,
                normalizer,
                List.of(),
                family.preTokenizer(),
                model,
                template.before(),
                template.after(),
                false));
    }

    /** The family and normalizer of the tokenizer classes whose files these can be. */
    Tokenizer read() {
        String tokenizerClass = config.tokenizerClass().orElse("GPT2Tokenizer");
        return switch (tokenizerClass) {
            case "GPT2Tokenizer", "GPT2TokenizerFast" -> read(PreTokenizerFamily.GPT_2, Normalizer.NONE);
            case "Qwen2Tokenizer", "Qwen2TokenizerFast" ->
                    read(PreTokenizerFamily.QWEN_2, Normalizer.unicode(java.text.Normalizer.Form.NFC));
            default -> throw new ModelFormatException(vocabFile, "tokenizer class",
                    "is '" + tokenizerClass + "', for which " + vocabFile.getFileName() + " and "
                    + mergesFile.getFileName()
                            + " do not suffice; add the model's tokenizer.json");
        };
    }

    private Vocabulary vocabulary(List<AddedToken> added) {
        JsonFields ids = JsonFields.read(vocabFile);
        Optional<JsonFields> addedJson = config.addedTokens();
        int addedCount = addedJson.map(json -> json.values().size()).orElse(0);
        VocabularyBuilder builder = new VocabularyBuilder(vocabFile, ids.values().size() + addedCount);
        ids.values().forEach((piece, id) -> builder.put(piece, id == null ? "null" : id, TokenKind.NORMAL));
        if (ids.integer(END_OF_TEXT).isPresent()) {
            added.add(AddedToken.plain(Math.toIntExact(ids.integer(END_OF_TEXT).getAsLong()), END_OF_TEXT, true));
            builder.mark(END_OF_TEXT, TokenKind.CONTROL);
        }
        if (addedJson.isPresent()) {
            for (String name : addedJson.get().values().keySet()) {
                added.add(added(addedJson.get(), name, builder));
            }
        }
        return builder.build(PieceCoding.BYTE_LEVEL);
    }

    private static AddedToken added(JsonFields all, String name, VocabularyBuilder builder) {
        JsonFields json = all.object(name).orElseThrow(() -> all.fault(name, "is null"));
        if (!name.matches("[0-9]{1,9}")) {
            throw all.fault(name, "is not an id");
        }
        long id = Long.parseLong(name);
        String content = json.requiredString("content");
        boolean special = json.bool("special", false);
        builder.put(content, id, special ? TokenKind.CONTROL : TokenKind.USER_DEFINED);
        return new AddedToken(Math.toIntExact(id), content, special,
                json.bool("lstrip", false), json.bool("rstrip", false), json.bool("single_word", false));
    }

    private MergeTable merges(Vocabulary vocabulary) {
        List<String> left = new ArrayList<>();
        List<String> right = new ArrayList<>();
        List<String> lines = lines();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            if (line.isEmpty() || i == 0 && line.startsWith("#version")) {
                continue;
            }
            int space = line.indexOf(' ');
            if (space <= 0 || space == line.length() - 1 || line.indexOf(' ', space + 1) >= 0) {
                throw new ModelFormatException(mergesFile, "line " + (i + 1), "'" + line + "' is not two tokens");
            }
            left.add(line.substring(0, space));
            right.add(line.substring(space + 1));
        }
        return MergeTable.ofPairs(vocabulary, left, right, mergesFile, "merges");
    }

    private List<String> lines() {
        try {
            return Files.readAllLines(mergesFile);
        } catch (CharacterCodingException e) {
            throw new ModelFormatException(mergesFile, "text", "is not UTF-8");
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + mergesFile, e);
        }
    }
}
