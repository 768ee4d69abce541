package dev.pillion.model.tokenizer;

import java.text.Normalizer.Form;
import java.util.List;

/** Rewrites text before it is cut into pieces. */
@FunctionalInterface
interface Normalizer {
    /** Leaves text as it is. */
    Normalizer NONE = text -> text;

    /** The rewritten text. */
    String apply(String text);

    /** Puts {@code prefix} before a text that is not empty. */
    static Normalizer prepend(String prefix) {
        return text -> text.isEmpty() ? text : prefix + text;
    }

    /** Replaces every occurrence of {@code from}. */
    static Normalizer replace(String from, String to) {
        return text -> text.replace(from, to);
    }

    /** A Unicode normalization form. */
    static Normalizer unicode(Form form) {
        return text -> java.text.Normalizer.isNormalized(text, form) ? text
                : java.text.Normalizer.normalize(text, form);
    }

    /** Applies several in turn. */
    static Normalizer sequence(List<Normalizer> steps) {
        List<Normalizer> fixed = List.copyOf(steps);
        return text -> {
            String current = text;
            for (Normalizer step : fixed) {
                current = step.apply(current);
            }
            return current;
        };
    }
}
