package dev.pillion.model.tokenizer;

/**
 * The Unicode classes that pre-tokenizer expressions speak of, as a bit set per code point.
 *
 * <p>White space is the Unicode property White_Space, which is what {@code \s} means in the engines the expressions
 * were written for. It differs from both {@link Character#isWhitespace} (which leaves out the no-break spaces and takes
 * in U+001C to U+001F) and {@link Character#isSpaceChar} (which leaves out the tab and the line ends).
 */
final class CharacterClass {
    /** {@code \p{L}}. */
    static final int LETTER = 1;

    /** {@code \p{N}}. */
    static final int NUMBER = 1 << 1;

    /** {@code \s}. */
    static final int SPACE = 1 << 2;

    /** {@code \p{M}}. */
    static final int MARK = 1 << 3;

    /** {@code \p{P}}. */
    static final int PUNCTUATION = 1 << 4;

    /** {@code \p{S}}. */
    static final int SYMBOL = 1 << 5;

    /** {@code [\p{Lu}\p{Lt}]}, always with {@link #LETTER}. */
    static final int UPPER = 1 << 6;

    /** {@code \p{Ll}}, always with {@link #LETTER}. */
    static final int LOWER = 1 << 7;

    private static final byte[] BASIC_PLANE = new byte[0x10000];

    static {
        for (int codePoint = 0; codePoint < BASIC_PLANE.length; codePoint++) {
            BASIC_PLANE[codePoint] = (byte) compute(codePoint);
        }
    }

    private CharacterClass() {}

    /** The classes of a code point, or-ed. */
    static int of(int codePoint) {
        return codePoint < BASIC_PLANE.length ? BASIC_PLANE[codePoint] & 0xFF : compute(codePoint);
    }

    /** Whether a code point is in one of the classes. */
    static boolean is(int codePoint, int classes) {
        return (of(codePoint) & classes) != 0;
    }

    /** The end of the longest run from {@code at} of code points that are in one of the classes. */
    static int skip(String text, int at, int end, int classes) {
        int position = at;
        while (position < end) {
            int codePoint = text.codePointAt(position);
            if (!is(codePoint, classes)) {
                break;
            }
            position += Character.charCount(codePoint);
        }
        return position;
    }

    /** The end of the longest run from {@code at} of code points that are in none of the classes. */
    static int skipNot(String text, int at, int end, int classes) {
        int position = at;
        while (position < end) {
            int codePoint = text.codePointAt(position);
            if (is(codePoint, classes)) {
                break;
            }
            position += Character.charCount(codePoint);
        }
        return position;
    }

    /** Whether a character ends a line in the sense of {@code [\r\n]}. */
    static boolean isLineEnd(int character) {
        return character == '\n' || character == '\r';
    }

    /** The end of the longest run from {@code at} of {@code [\r\n]}. */
    static int skipLineEnds(String text, int at, int end) {
        int position = at;
        while (position < end && isLineEnd(text.charAt(position))) {
            position++;
        }
        return position;
    }

    private static int compute(int codePoint) {
        int space = isWhiteSpace(codePoint) ? SPACE : 0;
        return space | switch (Character.getType(codePoint)) {
            case Character.UPPERCASE_LETTER, Character.TITLECASE_LETTER -> LETTER | UPPER;
            case Character.LOWERCASE_LETTER -> LETTER | LOWER;
            case Character.MODIFIER_LETTER, Character.OTHER_LETTER -> LETTER;
            case Character.DECIMAL_DIGIT_NUMBER, Character.LETTER_NUMBER, Character.OTHER_NUMBER -> NUMBER;
            case Character.NON_SPACING_MARK, Character.ENCLOSING_MARK, Character.COMBINING_SPACING_MARK -> MARK;
            case Character.CONNECTOR_PUNCTUATION, Character.DASH_PUNCTUATION, Character.START_PUNCTUATION,
                    Character.END_PUNCTUATION, Character.INITIAL_QUOTE_PUNCTUATION, Character.FINAL_QUOTE_PUNCTUATION,
                    Character.OTHER_PUNCTUATION -> PUNCTUATION;
            case Character.MATH_SYMBOL, Character.CURRENCY_SYMBOL, Character.MODIFIER_SYMBOL, Character.OTHER_SYMBOL ->
                    SYMBOL;
            default -> 0;
        };
    }

    private static boolean isWhiteSpace(int codePoint) {
        return codePoint >= 0x09 && codePoint <= 0x0D || codePoint == 0x85 || Character.isSpaceChar(codePoint);
    }
}
