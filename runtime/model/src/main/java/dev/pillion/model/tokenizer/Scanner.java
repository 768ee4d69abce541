package dev.pillion.model.tokenizer;

/**
 * One regular expression of a pre-tokenizer, written by hand.
 *
 * <p>Backtracking engines recurse per repetition and can be made slow by chosen input; these scanners use constant
 * stack, and going once over a text costs time in proportion to its length.
 */
@FunctionalInterface
interface Scanner {
    /**
     * Tries the expression at one position.
     *
     * @param text the text
     * @param at where a match must start, less than {@code end}
     * @param end where the text is to be taken as ended
     * @return the end of the match, greater than {@code at}; or, where none starts at {@code at}, the complement
     *     {@code ~next} of the next position worth trying
     */
    int match(String text, int at, int end);

    /** The answer "no match here, try the next code point". */
    static int none(String text, int at) {
        return ~(at + Character.charCount(text.codePointAt(at)));
    }

    /**
     * {@code \s+(?!\S)|\s+} for a position known to be white space: the run, but for its last character where text
     * follows, so that a word keeps the one space before it. A run of one is taken whole.
     */
    static int spacesBeforeWord(String text, int at, int runEnd, int end) {
        if (runEnd == end || runEnd - at == 1) {
            return runEnd;
        }
        return runEnd - 1;
    }
}
