package dev.pillion.model.tokenizer;

/** The English contractions {@code 's 't 're 've 'm 'll 'd} that the expressions keep apart from their words. */
final class Contractions {
    private Contractions() {}

    /** The end of a contraction in lower case at {@code at}, or {@code at}. */
    static int match(String text, int at, int end) {
        return at + 1 < end && text.charAt(at) == '\'' ? suffix(text, at + 1, end, false) : at;
    }

    /** The end of a contraction in any case at {@code at}, or {@code at}. */
    static int matchAnyCase(String text, int at, int end) {
        return at + 1 < end && text.charAt(at) == '\'' ? suffix(text, at + 1, end, true) : at;
    }

    private static int suffix(String text, int at, int end, boolean anyCase) {
        char first = fold(text.charAt(at), anyCase);
        if (first == 's' || first == 't' || first == 'm' || first == 'd') {
            return at + 1;
        }
        if (at + 1 < end) {
            char second = fold(text.charAt(at + 1), anyCase);
            if (first == 'l' && second == 'l' || (first == 'r' || first == 'v') && second == 'e') {
                return at + 2;
            }
        }
        return at - 1;
    }

    /** Simple case folding: the long s (U+017F) is the one character beyond ASCII that folds to a letter used here. */
    private static char fold(char character, boolean anyCase) {
        if (!anyCase) {
            return character;
        }
        return character == '\u017F' ? 's' : Character.toLowerCase(character);
    }
}
