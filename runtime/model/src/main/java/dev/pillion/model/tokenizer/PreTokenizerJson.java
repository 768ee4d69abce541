package dev.pillion.model.tokenizer;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads the {@code pre_tokenizer} of a tokenizer.json. */
final class PreTokenizerJson {
    private static final String SUPPORTED =
            "Sequence, Split, ByteLevel, Digits, Punctuation, Metaspace, Whitespace, WhitespaceSplit,"
                    + " CharDelimiterSplit";

    private PreTokenizerJson() {}

    static PreTokenizer read(Optional<JsonFields> json) {
        return json.map(PreTokenizerJson::one).orElse(pieces -> pieces);
    }

    private static PreTokenizer one(JsonFields json) {
        String type = json.requiredString("type");
        return switch (type) {
            case "Sequence" -> sequence(json);
            case "Split" -> new Split(pattern(json), behavior(json, "Isolated"), json.bool("invert", false));
            case "ByteLevel" -> new ByteLevel(json.bool("add_prefix_space", true), json.bool("use_regex", true));
            case "Digits" -> digits(json.bool("individual_digits", false));
            case "Punctuation" -> new Split(RunScanner.one(PreTokenizerJson::isPunctuation),
                    behavior(json, "Isolated"), false);
            case "Metaspace" -> metaspace(json);
            case "Whitespace" -> new Split(PreTokenizerJson::wordOrSigns, Split.Behavior.REMOVED, true);
            case "WhitespaceSplit" -> removed(RunScanner.one(RunScanner.of(CharacterClass.SPACE)));
            case "CharDelimiterSplit" -> removed(new LiteralScanner(nonEmpty(json, "delimiter")));
            default -> throw json.fault("type", "is '" + type + "', which is not supported; supported are "
                    + SUPPORTED);
        };
    }

    private static PreTokenizer sequence(JsonFields json) {
        List<PreTokenizer> steps = new ArrayList<>();
        for (JsonFields step : json.objects("pretokenizers")) {
            steps.add(one(step));
        }
        return PreTokenizer.sequence(steps);
    }

    private static PreTokenizer removed(Scanner scanner) {
        return new Split(scanner, Split.Behavior.REMOVED, false);
    }

    private static Scanner pattern(JsonFields json) {
        JsonFields pattern = json.object("pattern").orElseThrow(() -> json.fault("pattern", "is missing"));
        if (pattern.string("String").isPresent()) {
            return new LiteralScanner(nonEmpty(pattern, "String"));
        }
        String expression = pattern.requiredString("Regex");
        return Expressions.find(expression).orElseThrow(() -> pattern.fault("Regex",
                "is '" + expression + "', an expression that no supported model uses; a GGUF file of the model may"
                        + " name its pre-tokenizer instead"));
    }

    private static Split.Behavior behavior(JsonFields json, String otherwise) {
        String name = json.string("behavior").orElse(otherwise);
        return switch (name) {
            case "Isolated" -> Split.Behavior.ISOLATED;
            case "Removed" -> Split.Behavior.REMOVED;
            case "Contiguous" -> Split.Behavior.CONTIGUOUS;
            case "MergedWithPrevious" -> Split.Behavior.MERGED_WITH_PREVIOUS;
            case "MergedWithNext" -> Split.Behavior.MERGED_WITH_NEXT;
            default -> throw json.fault("behavior", "is '" + name + "', which is not known");
        };
    }

    private static PreTokenizer digits(boolean individual) {
        return new Split(
                RunScanner.one(RunScanner.of(CharacterClass.NUMBER)),
                individual ? Split.Behavior.ISOLATED : Split.Behavior.CONTIGUOUS,
                false);
    }

    private static PreTokenizer metaspace(JsonFields json) {
        String replacement = json.string("replacement").orElse(String.valueOf(Metaspace.SPACE));
        if (replacement.length() != 1) {
            throw json.fault("replacement", "is '" + replacement + "', which is not one character");
        }
        return new Metaspace(replacement.charAt(0), prefix(json), json.bool("split", true));
    }

    /** When Metaspace adds a prefix; {@code add_prefix_space} is how older files say it. */
    static Metaspace.Prefix prefix(JsonFields json) {
        String scheme = json.string("prepend_scheme").orElse(json.bool("add_prefix_space", true) ? "always" : "never");
        return switch (scheme) {
            case "always" -> Metaspace.Prefix.ALWAYS;
            case "first" -> Metaspace.Prefix.FIRST;
            case "never" -> Metaspace.Prefix.NEVER;
            default -> throw json.fault("prepend_scheme", "is '" + scheme + "', which is not known");
        };
    }

    private static String nonEmpty(JsonFields json, String name) {
        String text = json.requiredString(name);
        if (text.isEmpty()) {
            throw json.fault(name, "is empty");
        }
        return text;
    }

    /** Unicode punctuation, and of ASCII also the symbols. */
    private static boolean isPunctuation(int codePoint) {
        int classes = CharacterClass.PUNCTUATION | (codePoint < 0x80 ? CharacterClass.SYMBOL : 0);
        return CharacterClass.is(codePoint, classes);
    }

    /** {@code \w+|[^\w\s]+}. */
    private static int wordOrSigns(String text, int at, int end) {
        int first = text.codePointAt(at);
        if (CharacterClass.is(first, CharacterClass.SPACE)) {
            return ~(at + 1);
        }
        boolean word = WordCharacters.contains(first);
        int position = at;
        while (position < end) {
            int codePoint = text.codePointAt(position);
            if (WordCharacters.contains(codePoint) != word || CharacterClass.is(codePoint, CharacterClass.SPACE)) {
                break;
            }
            position += Character.charCount(codePoint);
        }
        return position;
    }
}
