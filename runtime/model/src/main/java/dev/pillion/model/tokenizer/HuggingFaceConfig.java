package dev.pillion.model.tokenizer;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What the files beside a tokenizer.json say about special tokens: tokenizer_config.json, special_tokens_map.json,
 * generation_config.json and config.json, each of which may be missing.
 */
final class HuggingFaceConfig {
    private final Optional<JsonFields> tokenizerConfig;
    private final Optional<JsonFields> specialTokensMap;
    private final List<JsonFields> modelConfigs = new ArrayList<>();

    HuggingFaceConfig(Path folder) {
        tokenizerConfig = read(folder.resolve("tokenizer_config.json"));
        specialTokensMap = read(folder.resolve("special_tokens_map.json"));
        read(folder.resolve("generation_config.json")).ifPresent(modelConfigs::add);
        read(folder.resolve("config.json")).ifPresent(modelConfigs::add);
    }

    /** The class that the tokenizer has in the original library, such as {@code Qwen2Tokenizer}. */
    Optional<String> tokenizerClass() {
        return tokenizerConfig.flatMap(config -> config.string("tokenizer_class"));
    }

    /** The added tokens of tokenizer_config.json, which some models list only there: fields with their id as name. */
    Optional<JsonFields> addedTokens() {
        return tokenizerConfig.flatMap(config -> config.object("added_tokens_decoder"));
    }

    /**
     * The special tokens.
     *
     * @param vocabulary the tokens
     * @param unknown the unknown token, if the caller knows it
     */
    SpecialTokens specialTokens(Vocabulary vocabulary, OptionalInt unknown) {
        BitSet ends = new BitSet();
        for (JsonFields config : modelConfigs) {
            ids(config, "eos_token_id", vocabulary).forEach(ends::set);
        }
        SpecialTokens.Roles roles = new SpecialTokens.Roles(
                role("bos", vocabulary), role("eos", vocabulary), OptionalInt.empty(),
                unknown.isPresent() ? unknown : role("unk", vocabulary), role("pad", vocabulary));
        return SpecialTokens.complete(vocabulary, roles, ends);
    }

    /** The tokens around a text where tokenizer.json is silent: as the flags of tokenizer_config.json say. */
    TemplateJson template(SpecialTokens special) {
        return new TemplateJson(
                flag("add_bos_token") ? special.beginning().stream().toArray() : new int[0],
                flag("add_eos_token") ? special.end().stream().toArray() : new int[0]);
    }

    private boolean flag(String name) {
        return tokenizerConfig.map(config -> config.bool(name, false)).orElse(false);
    }

    private OptionalInt role(String role, Vocabulary vocabulary) {
        for (Optional<JsonFields> config : List.of(tokenizerConfig, specialTokensMap)) {
            int id = config.flatMap(fields -> content(fields, role + "_token")).map(vocabulary::idOf)
                    .orElse(Vocabulary.NONE);
            if (id != Vocabulary.NONE) {
                return OptionalInt.of(id);
            }
        }
        for (JsonFields config : modelConfigs) {
            List<Integer> ids = ids(config, role + "_token_id", vocabulary);
            if (!ids.isEmpty()) {
                return OptionalInt.of(ids.getFirst());
            }
        }
        return OptionalInt.empty();
    }

    /** A token is written as its text or as an object with the field "content". */
    private static Optional<String> content(JsonFields config, String name) {
        return config.value(name).filter(Map.class::isInstance).isPresent()
                ? config.object(name).flatMap(token -> token.string("content"))
                : config.string(name);
    }

    /**
     * One id or a list of ids. Ids that are no tokens are passed over: configurations are often copied from other
     * models.
     */
    private static List<Integer> ids(JsonFields config, String name, Vocabulary vocabulary) {
        List<Integer> ids = new ArrayList<>();
        Object value = config.value(name).orElse(List.of());
        for (Object id : value instanceof List<?> list ? list : List.of(value)) {
            if (id instanceof Long number && number >= 0 && number < vocabulary.size()) {
                ids.add(Math.toIntExact(number));
            }
        }
        return ids;
    }

    private static Optional<JsonFields> read(Path file) {
        return Files.isRegularFile(file) ? Optional.of(JsonFields.read(file)) : Optional.empty();
    }
}
