package dev.pillion.model.tokenizer;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * Reads a tokenizer.json, the format of Hugging Face's "tokenizers" library: the model type BPE, with or without byte
 * level.
 *
 * <p>What the file asks for and this code does not know is refused by name rather than left out.
 */
final class TokenizerJson {
    private final JsonFields json;
    private final JsonFields model;
    private final List<JsonFields> addedJson;

    TokenizerJson(JsonFields json) {
        this.json = json;
        this.model = json.object("model").orElseThrow(() -> json.fault("model", "is missing"));
        this.addedJson = json.objects("added_tokens");
    }

    /**
     * Reads the tokenizer.
     *
     * @param config what the files beside it say about special tokens
     */
    Tokenizer read(HuggingFaceConfig config) {
        requireSupportedModel();
        DecoderJson decoder = DecoderJson.read(json.object("decoder"), json.object("pre_tokenizer"));
        Vocabulary vocabulary = vocabulary(decoder.coding());
        MergeTable table = merges(vocabulary);
        BytePairModel pairModel = new BytePairModel(table, model.bool("ignore_merges", false), unknown(vocabulary));
        Normalizer normalizer = NormalizerJson.read(json.object("normalizer"));
        SpecialTokens special = config.specialTokens(vocabulary, unknownToken(vocabulary));
        TemplateJson template = TemplateJson.read(json.object("post_processor"), vocabulary);
        if (template.isEmpty()) {
            template = config.template(special);
        }
        return new Tokenizer(vocabulary, special, new Tokenizer.Stages(
                addedTokens(false, Normalizer.NONE),
                normalizer,
                addedTokens(true, normalizer),
                PreTokenizerJson.read(json.object("pre_tokenizer")),
                pairModel,
                template.before(),
                template.after(),
                decoder.dropsFirstSpace()));
    }

    private void requireSupportedModel() {
        // Files of the first versions leave the type out; the shape of the fields then tells.
        String type = model.string("type").orElse(model.value("merges").isPresent() ? "BPE" : "unknown");
        if (!type.equals("BPE")) {
            throw model.fault("type", "is '" + type + "', which is not supported; supported is BPE");
        }
        for (String affix : List.of("continuing_subword_prefix", "end_of_word_suffix")) {
            if (!model.string(affix).orElse("").isEmpty()) {
                throw model.fault(affix, "is '" + model.requiredString(affix) + "', which is not supported");
            }
        }
        // A positive drop-out makes encoding random. It is for training; nothing that serves a model writes it.
        if (model.value("dropout").filter(value -> !(value instanceof Number n && n.doubleValue() == 0)).isPresent()) {
            throw model.fault("dropout", "is set, which is not supported");
        }
    }

    private Vocabulary vocabulary(PieceCoding coding) {
        Map<String, ?> ids = model.object("vocab").orElseThrow(() -> model.fault("vocab", "is missing")).values();
        VocabularyBuilder builder = new VocabularyBuilder(json.file(), ids.size() + addedJson.size());
        ids.forEach((piece, id) -> builder.put(piece, id, TokenKind.NORMAL));
        if (byteFallback()) {
            builder.markBytes();
        }
        model.string("unk_token").ifPresent(piece -> builder.mark(piece, TokenKind.UNKNOWN));
        for (JsonFields added : addedJson) {
            TokenKind kind = added.bool("special", false) ? TokenKind.CONTROL : TokenKind.USER_DEFINED;
            String content = added.requiredString("content");
            boolean unknown = kind == TokenKind.CONTROL && model.string("unk_token").filter(content::equals)
                    .isPresent();
            builder.put(content, added.value("id").orElse("missing"), unknown ? TokenKind.UNKNOWN : kind);
        }
        return builder.build(coding);
    }

    private boolean byteFallback() {
        return model.bool("byte_fallback", false);
    }

    private MergeTable merges(Vocabulary vocabulary) {
        List<String> left = new ArrayList<>();
        List<String> right = new ArrayList<>();
        for (Object merge : model.list("merges")) {
            String[] pair = switch (merge) {
                case String text -> text.split(" ", -1);
                case List<?> list -> list.stream().map(String::valueOf).toArray(String[]::new);
                case null, default -> new String[0];
            };
            if (pair.length != 2 || pair[0].isEmpty() || pair[1].isEmpty()) {
                throw model.fault("merges", "entry " + left.size() + " ('" + merge + "') is not two tokens");
            }
            left.add(pair[0]);
            right.add(pair[1]);
        }
        return MergeTable.ofPairs(vocabulary, left, right, json.file(), "field model.merges");
    }

    private BytePairModel.Unknown unknown(Vocabulary vocabulary) {
        return new BytePairModel.Unknown(
                byteFallback() ? vocabulary.byteTokens() : new int[0],
                unknownToken(vocabulary).orElse(Vocabulary.NONE),
                model.bool("fuse_unk", false));
    }

    private OptionalInt unknownToken(Vocabulary vocabulary) {
        Optional<String> piece = model.string("unk_token");
        int id = piece.map(vocabulary::idOf).orElse(Vocabulary.NONE);
        if (piece.isPresent() && id == Vocabulary.NONE) {
            throw model.fault("unk_token", "is '" + piece.get() + "', which is no token");
        }
        return id == Vocabulary.NONE ? OptionalInt.empty() : OptionalInt.of(id);
    }

    /**
     * The added tokens that are found after (or before) normalization; what they look like after it is searched for.
     */
    private List<AddedToken> addedTokens(boolean normalized, Normalizer normalizer) {
        List<AddedToken> tokens = new ArrayList<>();
        for (JsonFields added : addedJson) {
            boolean special = added.bool("special", false);
            if (added.bool("normalized", !special) == normalized) {
                OptionalLong id = added.integer("id");
                tokens.add(new AddedToken(
                        Math.toIntExact(id.orElseThrow()),
                        normalizer.apply(added.requiredString("content")),
                        special,
                        added.bool("lstrip", false),
                        added.bool("rstrip", false),
                        added.bool("single_word", false)));
            }
        }
        return tokens;
    }
}
