package dev.pillion.model.template;

/**
 * Finds one text in others, in time linear in their length. {@link String#indexOf(String)} takes the product of the
 * lengths at worst, which a template can provoke; it still does the work for short texts, where the worst is harmless
 * and the usual case much faster. Longer ones go through the Knuth-Morris-Pratt automaton.
 */
final class TextSearch {
    private static final int SHORT = 16;

    private final String part;
    private final boolean backwards;

    /** For each prefix of the part, the length of its longest proper prefix that is also its suffix. */
    private final int[] border;

    private TextSearch(String part, boolean backwards) {
        this.part = part;
        this.backwards = backwards;
        this.border = part.length() <= SHORT ? new int[0] : borders();
    }

    static TextSearch forwards(String part) {
        return new TextSearch(part, false);
    }

    static TextSearch backwards(String part) {
        return new TextSearch(part, true);
    }

    /** The part's character {@code i} in the direction of the search. */
    private char character(int i) {
        return part.charAt(backwards ? part.length() - 1 - i : i);
    }

    private int[] borders() {
        int[] borders = new int[part.length()];
        int matched = 0;
        for (int i = 1; i < borders.length; i++) {
            while (matched > 0 && character(i) != character(matched)) {
                matched = borders[matched - 1];
            }
            matched += character(i) == character(matched) ? 1 : 0;
            borders[i] = matched;
        }
        return borders;
    }

    /** The first place at or after {@code from}, or -1; for a search forwards. */
    int first(String text, int from) {
        if (border.length == 0) {
            return text.indexOf(part, from);
        }
        int matched = 0;
        for (int i = from; i < text.length(); i++) {
            matched = advance(matched, text.charAt(i));
            if (matched == border.length) {
                return i + 1 - matched;
            }
        }
        return -1;
    }

    /** The last place that ends at or before {@code end}, or -1; for a search backwards. */
    int last(String text, int end) {
        if (border.length == 0) {
            return end < part.length() ? -1 : text.lastIndexOf(part, end - part.length());
        }
        int matched = 0;
        for (int i = end - 1; i >= 0; i--) {
            matched = advance(matched, text.charAt(i));
            if (matched == border.length) {
                return i;
            }
        }
        return -1;
    }

    private int advance(int matchedBefore, char c) {
        int matched = matchedBefore;
        while (matched > 0 && character(matched) != c) {
            matched = border[matched - 1];
        }
        return character(matched) == c ? matched + 1 : matched;
    }
}
