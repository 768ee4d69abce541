package dev.pillion.model.tokenizer;

import java.text.Normalizer.Form;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Reads the {@code normalizer} of a tokenizer.json. */
final class NormalizerJson {
    private static final String SUPPORTED =
            "Sequence, Prepend, Replace (of a string), NFC, NFD, NFKC, NFKD, Lowercase, Strip";

    private NormalizerJson() {}

    static Normalizer read(Optional<JsonFields> json) {
        return json.map(NormalizerJson::one).orElse(Normalizer.NONE);
    }

    private static Normalizer one(JsonFields json) {
        String type = json.requiredString("type");
        return switch (type) {
            case "Sequence" -> sequence(json);
            case "Prepend" -> Normalizer.prepend(json.requiredString("prepend"));
            case "Replace" -> replace(json);
            case "NFC" -> Normalizer.unicode(Form.NFC);
            case "NFD" -> Normalizer.unicode(Form.NFD);
            case "NFKC" -> Normalizer.unicode(Form.NFKC);
            case "NFKD" -> Normalizer.unicode(Form.NFKD);
            case "Lowercase" -> text -> text.toLowerCase(Locale.ROOT);
            case "Strip" -> strip(json.bool("strip_left", true), json.bool("strip_right", true));
            default -> throw json.fault("type", "is '" + type + "', which is not supported; supported are "
                    + SUPPORTED);
        };
    }

    private static Normalizer sequence(JsonFields json) {
        List<Normalizer> steps = new ArrayList<>();
        for (JsonFields step : json.objects("normalizers")) {
            steps.add(one(step));
        }
        return Normalizer.sequence(steps);
    }

    private static Normalizer replace(JsonFields json) {
        String from = json.object("pattern").flatMap(pattern -> pattern.string("String"))
                .orElseThrow(() -> json.fault("pattern",
                        "is not a string to replace; regular expressions are not supported here"));
        if (from.isEmpty()) {
            throw json.fault("pattern", "is empty");
        }
        return Normalizer.replace(from, json.requiredString("content"));
    }

    private static Normalizer strip(boolean left, boolean right) {
        return text -> {
            int start = left ? CharacterClass.skip(text, 0, text.length(), CharacterClass.SPACE) : 0;
            int end = text.length();
            while (right && end > start && CharacterClass.is(text.charAt(end - 1), CharacterClass.SPACE)) {
                end--;
            }
            return text.substring(start, end);
        };
    }
}
