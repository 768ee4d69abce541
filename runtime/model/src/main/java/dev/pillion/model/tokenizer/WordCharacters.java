package dev.pillion.model.tokenizer;

/** The class {@code \w} as Unicode's annex on regular expressions (UTS 18, annex C) defines it. */
final class WordCharacters {
    private static final int ZERO_WIDTH_NON_JOINER = 0x200C;
    private static final int ZERO_WIDTH_JOINER = 0x200D;

    private WordCharacters() {}

    /** Whether a code point is alphabetic, a mark, a decimal digit, a connector or a join control. */
    static boolean contains(int codePoint) {
        return Character.isAlphabetic(codePoint)
                || CharacterClass.is(codePoint, CharacterClass.MARK)
                || codePoint == ZERO_WIDTH_NON_JOINER
                || codePoint == ZERO_WIDTH_JOINER
                || switch (Character.getType(codePoint)) {
                    case Character.DECIMAL_DIGIT_NUMBER, Character.CONNECTOR_PUNCTUATION -> true;
                    default -> false;
                };
    }
}
